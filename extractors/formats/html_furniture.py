"""Site furniture: lines that the web site adds to a document, and pages that are no document at all."""

from __future__ import annotations

import re

from extractors.document import ReadError
from extractors.formats.html_tree import Page

_LONGEST = 120
_LINE = re.compile(
    r"""(?x)
    [【\[（(]?\s*(?:字号|字体|文字大小)\s*[:：]?[\s【\[（(]*
      (?:[大中小特超]|默认|\s|[|｜/\[\]【】（）()]|A[+-]?|打印|关闭|收藏|分享)*
    | [【\[（(\s]*(?:打印(?:本页|此页|本文|文章|稿)?|关闭(?:窗口|本页|页面)?|返回(?:顶部|上一页|首页|列表)?
      |收藏(?:本页)?|下载(?:打印版)?|导出|复制链接|加入收藏|我要纠错|纠错|我要评论|回到顶部)
      (?:[】\]）)\s|｜、【\[（(]+(?:打印(?:本页)?|关闭(?:窗口|本页)?|返回(?:顶部)?|收藏|我要纠错))*[】\]）)\s]*
    | (?:分享(?:到|至|文章到)?|扫一扫|微信扫一扫)[^。]{0,40}
    | (?:您?当前(?:的)?位置|您(?:现在)?的位置|所在位置|您现在所在的位置)\s*(?:是|为)?\s*[:：].{0,100}
    | (?:首页|主页)\s*(?:[>＞»›/]|-{1,2})\s*.{0,100}
    | (?:上一篇|下一篇|上一条|下一条)\s*[:：].{0,100}
    | (?:浏览|阅读|点击|访问)(?:次数|量|数)?\s*[:：]?\s*\d*\s*(?:次)?
    | (?:责任编辑|网站编辑|编辑)\s*[:：]\s*\S{0,12}
    | (?:版权所有|主办单位|网站标识码|网站地图|ICP备|.{0,10}公网安备).{0,110}
    """
)
_LABEL = (
    r"(?:发布时间|发布日期|发布于|更新时间|发文时间|公开日期|信息来源|来源|作者|浏览(?:次数|量)?|阅读(?:次数|量)?|"
    r"点击(?:次数|数)?|访问量|字号|字体)"
)
_DAY = r"(?:19|20)\d{2}\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}"
# what a site says about a page: labels with short values and nothing else, at least one of them with a day; or a
# bare day with a clock time. A line with 日期 alone may be the document's own and stays.
_ABOUT = re.compile(
    rf"(?=.*{_DAY})[\s【\[（(]*(?:{_LABEL}\s*[:：]?|(?:时间|日期)\s*[:：](?=.*(?:{_LABEL}|\d{{1,2}}:\d{{2}})))[^。；，]{{0,110}}"
)
_PUBLISHED = re.compile(
    r"(?:发布时间|发布日期|公开日期|发布于|更新时间|时间|日期)\s*[:：]?\s*((?:19|20)\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
)
_DATE = re.compile(r"((?:19|20)\d{2})\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})")
_PUBLISHED_METAS = (
    "pubdate",
    "publishdate",
    "pubtime",
    "publishtime",
    "article:published_time",
    "firstpublishedtime",
    "date",
)

_LOGIN = re.compile(
    r"登\s*[录陆]|log\s?-?in|sign\s?in|统一身份认证|身份验证|用户认证|请输入(?:用户名|密码|验证码)", re.I
)
_ERROR = re.compile(
    r"\b(?:40[0134]|50[0234])\b|not found|forbidden|bad gateway|internal server error|service unavailable|"
    r"access denied|页面(?:不存在|未找到|无法访问|找不到)|找不到(?:网页|页面|文件)|无法访问|"
    r"服务器(?:错误|内部错误|繁忙)|访问(?:被拒绝|过于频繁|受限)|出错了|系统(?:错误|繁忙|异常)|"
    r"会话(?:已)?(?:过期|超时)|链接已失效|拒绝访问",
    re.I,
)


def is_furniture(line: str) -> bool:
    """True for a line of the web site, not of the document."""
    bare = line.strip()
    if not bare or len(bare) > _LONGEST:
        return False
    return _LINE.fullmatch(bare) is not None or _ABOUT.fullmatch(bare) is not None


def published(page: Page, lines: list[str]) -> str | None:
    """The page's own publication date in ISO form, from its metadata or from a line such as 发布时间：2023-05-06."""
    for key in _PUBLISHED_METAS:
        match = _DATE.search(page.metas.get(key, ""))
        if match:
            return _iso(match)
    for line in lines:
        match = _PUBLISHED.search(line) if len(line) <= _LONGEST else None
        if match:
            return _iso(match)
    return None


def _iso(match: re.Match[str]) -> str | None:
    year, month, day = (int(g) for g in match.groups())
    return f"{year:04d}-{month:02d}-{day:02d}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def refuse_no_document(page: Page, text: str, name: str) -> None:
    """Raises `ReadError` (`login_page`, `error_page`) for a page that a server sent in place of the document."""
    bare = "".join(text.split())
    head = f"{page.title} {text[:300]}"
    sentences = bare.count("。")
    if len(bare) < 1_500 and sentences < 5 and _LOGIN.search(head) and (page.passwords or len(bare) < 200):
        raise ReadError("login_page", f"文件“{name}”保存的是网站登录页面，不是文件本身，请登录后重新下载原文件再报送。")
    if len(bare) < 800 and sentences < 5 and (_ERROR.search(page.title) or (len(bare) < 300 and _ERROR.search(head))):
        raise ReadError("error_page", f"文件“{name}”保存的是网站报错页面，不是文件本身，请重新下载原文件再报送。")
