"""Fxiaoke's (纷享销客) export of sales leads and of contacts."""

from chalicelib.presets._layout import layout

PRESET = layout(
    "纷享销客",
    "fxiaoke",
    (
        "姓名 | 负责人 | 负责人所在部门",
        "姓名 | 线索池",
        "姓名 | 负责人 | 归属部门",
        "姓名 | 唯一性ID",
    ),
    """
唯一性ID       | external_id
姓名           | full_name
公司           | company
客户名称       | company
部门           |
职务           | job_title
手机           | phone
电话           | phone
邮件           | email
网址           | website
国家           | country
省             | region
市             | city
区             |
详细地址       | address
邮编           | postal_code
出生日期       | birth_date
来源           |
市场活动名称   |
销售线索详情   | message
线索池         |
状态           |
负责人         |
负责人所在部门 |
归属部门       |
标签           | tags | ;
备注           | notes
创建时间       |
最后修改时间   |
""",
)
