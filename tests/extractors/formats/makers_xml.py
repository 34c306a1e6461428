"""Office documents as one XML file: SpreadsheetML 2003, flat OPC, WordprocessingML 2003."""

from __future__ import annotations

import base64
import io
import zipfile

from tests.extractors.formats import makers

_PACKAGE = "http://schemas.microsoft.com/office/2006/xmlPackage"


def xmlss() -> bytes:
    """The ledger of `makers.xlsx`, as export functions write it."""
    rows = ""
    for i, (number, debtor, creditor, amount, due) in enumerate(makers.ROWS):
        style = ("万", "日")[i]
        rows += (
            f'<Row ss:Height="18"{" ss:Hidden=" + chr(34) + "1" + chr(34) if i else ""}>'
            f'<Cell><Data ss:Type="Number">{number}</Data></Cell>'
            f'<Cell><Data ss:Type="String">{debtor}</Data></Cell>'
            f'<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>{creditor[:2]}</B>'
            f"{creditor[2:]}</ss:Data></Cell>"
            f'<Cell ss:StyleID="{style if i == 0 else "Default"}"><Data ss:Type="Number">{float(amount)}</Data></Cell>'
            f'<Cell ss:StyleID="{"日" if i else "短"}"><Data ss:Type="DateTime">{due}T00:00:00.000</Data></Cell></Row>'
        )
    head = "".join(f'<Cell><Data ss:Type="String">{h}</Data></Cell>' for h in makers.HEADER)
    return (
        '<?xml version="1.0" encoding="gb2312"?>\r\n<?mso-application progid="Excel.Sheet"?>\r\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        '<Styles><Style ss:ID="Default"/><Style ss:ID="万"><NumberFormat ss:Format="#,##0.00&quot;万元&quot;"/></Style>'
        '<Style ss:ID="日"><NumberFormat ss:Format="yyyy&quot;年&quot;m&quot;月&quot;"/></Style>'
        '<Style ss:ID="短" ss:Parent="基"/><Style ss:ID="基"><NumberFormat ss:Format="yyyy-mm-dd"/></Style></Styles>'
        '<Worksheet ss:Name="台账"><Table ss:ExpandedRowCount="99999999"><Column ss:Index="3" ss:Hidden="1"/>'
        '<Row ss:Index="2"><Cell ss:MergeAcross="4"><Data ss:Type="String">青山县拖欠账款台账</Data></Cell></Row>'
        f"<Row>{head}</Row>{rows}"
        '<Row><Cell><Data ss:Type="String">合计</Data></Cell>'
        '<Cell ss:Index="4" ss:Formula="=SUM(R[-2]C:R[-1]C)"><Data ss:Type="Number">15.56</Data></Cell></Row>'
        "</Table></Worksheet></Workbook>"
    ).encode("gb18030")


def flatopc() -> bytes:
    """The document of `makers.docx` without its zip."""
    out = [f'<?xml version="1.0" encoding="UTF-8"?><pkg:package xmlns:pkg="{_PACKAGE}">']
    with zipfile.ZipFile(io.BytesIO(makers.docx())) as archive:
        types = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            if name == "[Content_Types].xml":
                continue
            at = types.find(f'PartName="/{name}"')
            kind = types[at:].split('ContentType="')[1].split('"')[0] if at >= 0 else "application/octet-stream"
            blob = archive.read(name)
            if name.endswith((".xml", ".rels")):
                body = blob.decode().split("?>", 1)[-1] if blob.startswith(b"<?xml") else blob.decode()
                inner = f"<pkg:xmlData>{body}</pkg:xmlData>"
            else:
                inner = f"<pkg:binaryData>{base64.b64encode(blob).decode()}</pkg:binaryData>"
            out.append(f'<pkg:part pkg:name="/{name}" pkg:contentType="{kind}">{inner}</pkg:part>')
    return ("".join(out) + "</pkg:package>").encode()


def wordml() -> bytes:
    """A circular with a header, a numbered paragraph, revisions and a small table, as Word 2003 saves it."""
    w = "http://schemas.microsoft.com/office/word/2003/wordml"

    def paragraph(inner: str) -> str:
        return f"<w:p>{inner}</w:p>"

    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    def revision(kind: str, inner: str) -> str:
        content = f"<aml:content>{inner}</aml:content>"
        return f'<aml:annotation aml:id="0" w:type="Word.{kind}" aml:author="a">{content}</aml:annotation>'

    table = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(run(v))}</w:tc>" for v in row) + "</w:tr>"
        for row in (makers.HEADER, *makers.ROWS)
    )
    number = '<w:pPr><w:listPr><w:ilvl w:val="0"/><w:ilfo w:val="1"/><wx:t wx:val="一、"/></w:listPr></w:pPr>'
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        f'<w:wordDocument xmlns:w="{w}" xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint" '
        'xmlns:aml="http://schemas.microsoft.com/aml/2001/core" w:macrosPresent="no"><w:body><wx:sect>'
        + paragraph(run(makers.TITLE))
        + paragraph(number + run("金额为") + revision("Deletion", "<w:r><w:delText>壹万</w:delText></w:r>")
                    + revision("Insertion", run("贰万")) + run("元整。"))
        + f"<w:tbl><w:tblPr/>{table}</w:tbl>"
        + f'<w:sectPr><w:hdr w:type="odd">{paragraph(run("青政办〔2023〕21号"))}</w:hdr></w:sectPr>'
        + "</wx:sect></w:body></w:wordDocument>"
    ).encode()  # fmt: skip
