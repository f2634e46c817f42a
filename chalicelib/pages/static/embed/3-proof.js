// The proof of work of ALTCHA. WebCrypto derives off the page's thread: no worker is needed.
const bytes = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));
const hexed = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const derived = async (asked, counter) => {
  const nonce = bytes(asked.nonce);
  const password = new Uint8Array(nonce.length + 4);
  password.set(nonce);
  new DataView(password.buffer).setUint32(nonce.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const way = { name: "PBKDF2", hash: asked.algorithm.split("/")[1], salt: bytes(asked.salt), iterations: asked.cost };
  return hexed(await crypto.subtle.deriveBits(way, key, asked.keyLength * 8));
};
const solved = async (challenge) => {
  const asked = challenge.parameters;
  const begun = Date.now();
  for (let start = 0; ; start += 32) {
    const some = await Promise.all([...Array(32).keys()].map((step) => derived(asked, start + step)));
    const hit = some.findIndex((key) => key.startsWith(asked.keyPrefix));
    if (hit < 0) continue;
    const solution = { counter: start + hit, derivedKey: some[hit], time: Date.now() - begun };
    return { expires: (asked.expiresAt || 0) * 1000, text: btoa(JSON.stringify({ challenge, solution })) };
  }
};
