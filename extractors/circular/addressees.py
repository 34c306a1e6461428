"""What a line of addressees is made of: which words before a colon are one, and which share the next one's ending."""

from __future__ import annotations

import re

# 各市、自治州人民政府; 甲、乙市人民政府; 自治区各委、办、厅、局: what stands before 、 is no addressee by itself.
_PLACE_PART = re.compile(
    r"各?(?:市|县|区|省|州|盟|旗|镇|乡|街道|自治区|直辖市|自治县|自治州|设区市|地|盟市|县市|区县)(?:\([^()]*\))?"
)
_PARTY_END = re.compile(
    r"(?:政府|公署|行署|部门|单位|机构|局|委|办|厅|处|科|室|公司|集团|企业|银行|[支分]行|院|校|会|中心|组|专班|部|区|县|市|州|旗|\)|代表|委员|同志"
    r"|先生|女士|站|所|队|社|厂|店|镇|乡|街道|村|社区|机关|团体|成员|组织|署|法院|检察院|园)$"
)
_BARE_TAIL = re.compile(
    r"(?:开发区|园区|高新区|新区|功能区|办|厅|局|委|部|院|会|室|处|行|社|企业|办事处|市人民政府|县人民政府|区人民政府)(?=[、,;:]|$)"
)
_LETTER = re.compile(r"[委办厅局部](?=[、,;:]|$)")
# Lines before a colon that address nobody: labels with their own colon, what is told or listed, greetings.
NO_ADDRESS = re.compile(
    r"^(?!致|主送|发往)[^:]{1,10}:.|(?:情况|问题|事项|事由|内容|意见|建议|结果|地点|时间|描述|反映|措施|任务|做法|进展|安排|名单"
    r"|分工|步骤|导读|要目|按语?|[您你]好|答复|函复|回复|说明|公告|汇报|报告|承诺|函告|通报|告知|查明|决定|批示|明确|议定):$|^(?:参加|参会|出席|列席|与会)|^(?:会议)?(?:主持|记录)|^(?:责任|牵头|承办|配合|办理|主办|协办"
    r"|填报|报送|督办|交办|来信|来电|投诉|被投诉|申请|信访|反映)(?:单位|部门|人|企业):$"
)
# 各县(市、区)、各功能区: what follows a bare list of places is complete by itself and lends them nothing.
_OTHERS = re.compile(r"各?[^,、;:]{0,8}(?:功能区|开发区|高新区|园区|管委会|街道)[,、;:]|[省市县区州旗盟]直")
# 各县(区)住建局、人社局: offices named behind those of every place, without a place of their own.
_OF_EACH = re.compile(r"[^,;:]{0,6}各(?:[省市县区州旗盟镇乡]|园区|开发区|功能区|街道|地)[^,;:]{0,16}?[局委办厅]$")
_SAME_OFFICES = re.compile(r"(?![^,、;:]{0,3}[各省市县区州旗盟]|有关|相关)[^,、;:]{2,12}[局委办厅](?=[,、;:])")
# Words of direction and honour that are no part of a name.
HONOURED = re.compile(r"\s*(?:致\s?:?(?!公)|主送(?:单位|机关)?\s?:)\s?(?=.)|尊敬的(?=.{3})")
# Persons addressed by their seats only (主任、各位委员); a lexicon pattern.
SEATS = r"(?:(?:^|[、,和])(?:尊敬的)?(?:各位|全体)?(?:<metadata.seats>))+"


def is_addressee(piece: str, after: str) -> bool:
    """Whether a piece of the addressees' line is one by itself: a name with an ending, not sharing the next one's."""
    if _PLACE_PART.fullmatch(piece):
        return _OTHERS.match(after) is not None
    if _OF_EACH.match(piece) and _SAME_OFFICES.match(after):
        return False  # 各县(区)住建局、人社局
    if not _PARTY_END.search(piece):
        return False
    # 各委、办、厅、局, 各盟行政公署、市人民政府: the next word leans on this one's 各.
    # 市政府有关委、办、局: so do single letters behind 有关.
    return not ("各" in piece and _BARE_TAIL.match(after)) and not ("关" in piece and _LETTER.match(after))
