"""Which sites are search engines, social networks, AI assistants, video or shopping sites.

A compact list, written by hand from the names and domains under which these sites publish
themselves, of those that send traffic worth telling apart. It is not Google's own list (its rules
page, https://support.google.com/analytics/answer/9756891, links that); a site that is missing here
becomes "Referral", never an error. To add one, put its name or domain into its line.
"""

SEARCH = "search"
SOCIAL = "social"
VIDEO = "video"
SHOPPING = "shopping"
ASSISTANT = "assistant"

# What people write into `utm_source`.
_NAMES = {
    SEARCH: "google bing yahoo duckduckgo ddg yandex baidu ecosia qwant startpage ask aol naver"
    " sogou seznam daum brave haosou parsijoo zarebin lycos mojeek swisscows kagi rambler",
    SOCIAL: "facebook fb instagram ig twitter x linkedin pinterest reddit tiktok snapchat whatsapp"
    " telegram threads bluesky mastodon tumblr vk vkontakte weibo wechat weixin xiaohongshu douban"
    " quora xing line kakaotalk discord messenger meetup nextdoor odnoklassniki zhihu tieba qzone",
    VIDEO: "youtube vimeo dailymotion twitch youku iqiyi bilibili netflix hulu disneyplus wistia"
    " rutube aparat namasha",
    SHOPPING: "amazon ebay etsy aliexpress alibaba taobao tmall jd walmart mercadolibre"
    " mercadolivre shopee lazada rakuten shopify zalando idealo digikala torob emalls pinduoduo"
    " temu shein allegro ozon wildberries flipkart",
    ASSISTANT: "chatgpt openai claude anthropic perplexity gemini copilot deepseek grok mistral lechat"
    " qwen kimi doubao chatglm notebooklm metaai poe ernie yuanbao",
}

# Domains; any subdomain is meant as well, and the longest domain that fits counts. The last ones
# of a line are Android's apps, which refer by `android-app://`.
_DOMAINS = {
    SEARCH: "bing.com duckduckgo.com search.yahoo.com search.yahoo.co.jp ya.ru ecosia.org qwant.com startpage.com ask.com"
    " search.aol.com search.naver.com sogou.com so.com sou.com sm.cn search.seznam.cz"
    " search.daum.net search.brave.com search.lycos.com mojeek.com swisscows.com kagi.com"
    " zarebin.ir parsijoo.ir nova.rambler.ru search.goo.ne.jp lemoteur.orange.fr"
    " busca.uol.com.br suche.t-online.de suche.web.de suche.gmx.net metager.de metager.org"
    " coccoc.com petalsearch.com presearch.com com.google.android.googlequicksearchbox",
    SOCIAL: "facebook.com fb.com fb.me messenger.com instagram.com twitter.com x.com t.co"
    " linkedin.com lnkd.in pin.it reddit.com redd.it tiktok.com snapchat.com whatsapp.com wa.me"
    " telegram.org t.me telegram.me threads.net threads.com bsky.app mastodon.social"
    " mastodon.online tumblr.com vk.com vkontakte.ru ok.ru weibo.com weibo.cn t.cn weixin.qq.com"
    " qzone.qq.com xiaohongshu.com douban.com zhihu.com tieba.baidu.com quora.com xing.com line.me"
    " discord.com discord.gg meetup.com nextdoor.com news.ycombinator.com livejournal.com"
    " flickr.com mixi.jp virasty.com com.facebook.katana com.instagram.android"
    " com.linkedin.android com.twitter.android com.reddit.frontpage com.snapchat.android"
    " org.telegram.messenger",
    VIDEO: "youtube.com youtu.be vimeo.com dailymotion.com dai.ly twitch.tv youku.com iqiyi.com"
    " bilibili.com v.qq.com netflix.com hulu.com disneyplus.com wistia.com wistia.net rutube.ru"
    " aparat.com namasha.com nicovideo.jp com.google.android.youtube",
    SHOPPING: "shopping.google.com shopping.yahoo.com etsy.com aliexpress.com alibaba.com"
    " taobao.com tmall.com jd.com walmart.com rakuten.co.jp rakuten.com shop.app digikala.com"
    " torob.com emalls.ir basalam.com pinduoduo.com temu.com shein.com ozon.ru wildberries.ru"
    " flipkart.com shopping.naver.com magazineluiza.com.br americanas.com.br elcorteingles.es",
    ASSISTANT: "chatgpt.com chat.openai.com labs.openai.com claude.ai perplexity.ai gemini.google.com"
    " bard.google.com notebooklm.google.com copilot.microsoft.com copilot.com duck.ai grok.com"
    " chat.deepseek.com chat.mistral.ai meta.ai chat.qwen.ai chatglm.cn yiyan.baidu.com ai.baidu.com"
    " chat.baidu.com doubao.com kimi.com kimi.moonshot.cn yuanbao.tencent.com iask.ai you.com poe.com"
    " app.jasper.ai app.writesonic.com chatplus.com chat-gpt.org phind.com"
    " com.openai.chatgpt ai.perplexity.app.android com.anthropic.claude com.google.android.apps.bard"
    " com.microsoft.copilot com.deepseek.chat",
}

# Sites with a domain in every country (google.com, www.google.es, google.co.uk), and those of
# their subdomains that count beside a country's two letters: mail.google.com is no search.
_FAMILIES = {
    "google": (SEARCH, frozenset({"www", "www2", "m", "images", "lens", "encrypted"})),
    "yandex": (SEARCH, frozenset({"www", "m", "images"})),
    "yahoo": (SEARCH, frozenset({"www", "m", "search"})),
    "baidu": (SEARCH, frozenset({"www", "www1", "m", "wap", "image"})),
    "pinterest": (SOCIAL, frozenset({"www", "m"})),
    "amazon": (SHOPPING, frozenset({"www", "m", "smile"})),
    "ebay": (SHOPPING, frozenset({"www", "m"})),
    "mercadolibre": (SHOPPING, frozenset({"www", "m", "listado", "articulo"})),
    "mercadolivre": (SHOPPING, frozenset({"www", "m", "lista", "produto"})),
    "shopee": (SHOPPING, frozenset({"www", "m"})),
    "lazada": (SHOPPING, frozenset({"www", "m"})),
    "zalando": (SHOPPING, frozenset({"www", "m"})),
    "idealo": (SHOPPING, frozenset({"www", "m"})),
    "allegro": (SHOPPING, frozenset({"www", "m"})),
}

_NAME_SITES = {name: site for site, names in _NAMES.items() for name in names.split()}
_DOMAIN_SITES = {domain: site for site, domains in _DOMAINS.items() for domain in domains.split()}
_LONGEST = max(domain.count(".") + 1 for domain in _DOMAIN_SITES)
_SECOND_LEVELS = frozenset({"co", "com", "net", "org"})


def site(source: str) -> str:
    """What kind of site a source is (a name such as `facebook`, or a host name), or empty."""
    host = source.lower().strip(". ")
    if "." not in host:
        return _NAME_SITES.get(host, "")
    return _by_domain(host) or _by_family(host)


def _by_domain(host: str) -> str:
    labels = host.split(".")[-_LONGEST:]
    above = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((_DOMAIN_SITES[domain] for domain in above if domain in _DOMAIN_SITES), "")


def _by_family(host: str) -> str:
    *before, name, top = host.split(".")
    if name in _SECOND_LEVELS and before:
        *before, name = before
    kind, subdomains = _FAMILIES.get(name, ("", frozenset()))
    fits = len(top) <= 3 and all(len(label) == 2 or label in subdomains for label in before)
    return kind if fits else ""
