"""Every numeric limit of the readers, in one place, each with its reason.

A limit is crossed only by hostile or broken files: crossing one ends in a typed `ReadError`, or in a `Notice` that
marks the document partial. None of them cuts anything in silence.
"""

from __future__ import annotations

MEGABYTE = 1024 * 1024

# --- whole files
MAX_FILE_BYTES = 200 * MEGABYTE
"""Largest file read. A stamped 150-page report scanned at 300 dpi is about 60 MB."""

# --- containers (every zip-based format)
MAX_ENTRIES = 2_000
"""Parts of one container. The largest real workbooks have some hundreds; Apache POI allows 1,000."""
MAX_DIRECTORY_BYTES = MAX_ENTRIES * 1_024
"""Central directory: 46 bytes and a name per entry; read before the entries are counted."""
MAX_EXPANDED_BYTES = 500 * MEGABYTE
"""Sum of all parts inflated, workbooks aside."""
MAX_WORKBOOK_BYTES = 2_000 * MEGABYTE
"""Sum of a workbook's parts inflated: a million rows of 40 columns make 1.6 GB of XML, streamed and never held."""
MAX_RATIO = 200
"""Inflated over packed size of one part. Sheets of repeated rows reach about 60; deflate ends at 1,032."""
RATIO_MATTERS_ABOVE = 1 * MEGABYTE
"""Small parts may shrink by any ratio: they cannot hurt."""
MAX_CHILDREN_BYTES = 150 * MEGABYTE
"""Files taken out of one container: they cross to the parent process as text, a third larger, within its 256 MB."""
MAX_PART_NAME = 512
"""Characters of a part's name."""
MAX_XML_PART_BYTES = 2_000 * MEGABYTE
"""One XML part that is streamed (a sheet); memory does not depend on it."""
MAX_TREE_PART_BYTES = 64 * MEGABYTE
"""One XML part that is built as a tree (document.xml, styles.xml); a tree costs about ten times its text."""

# --- markup
MAX_XML_DEPTH = 256
"""Nesting of XML; libxml2's own limit, said here so that it is not switched off by accident."""
MAX_HTML_DEPTH = 4_000
"""Elements within each other in one page: parsers take quadratic time beyond; real pages reach some 60."""
MAX_HTML_NODES = 2_000_000
"""Nodes visited in one page: real government pages have up to some 20,000."""
MAX_COL_SPAN = 1_000
"""As in the HTML standard, 4.9.11; rows are bounded by the table itself (rowspan=0 means 'to the end')."""
MAX_NESTED_TABLES = 8
"""Tables within tables within tables: Word itself becomes unusable beyond."""

# --- old Word files
MAX_WORD_PAGES = 65_536
"""Formatting pages of 512 bytes of one kind: each holds about 30 runs, so a file of 200 MB cannot use more."""
MAX_WORD_LISTS = 4_096
"""Numbered lists of one file; Word itself keeps at most 2,047."""
MAX_STYLE_CHAIN = 20
"""Styles based on styles based on …; Word allows 10."""

LARGE_PICTURE_CM = 8
"""A picture at least so wide and so high may be a scanned page: not reading it makes the document partial."""
LARGE_PICTURE_TWIPS = LARGE_PICTURE_CM * 567
LARGE_PICTURE_EMU = LARGE_PICTURE_CM * 360_000
"""The same in the units of Word's binary files and RTF, and of DrawingML."""
MAX_RTF_FONTS = 2 * MEGABYTE
"""Characters of an RTF font table looked through: Word writes some 200 bytes a font."""

# --- PDF
MAX_PAGES = 2_000
"""Pages of one file; annual reports have 300."""
MAX_PAGE_CHARS = 200_000
"""Characters of one page: a dense A3 table has about 15,000."""
MAX_TABLE_PAGES = 120
"""Pages given to the slow search for ruled tables (about 0.15 s each)."""
MAX_PAGE_PATHS = 20_000
"""Path objects of one page looked at for ruling lines; drawings with more are plans, not tables."""
MAX_PAGE_OBJECTS = 100_000
"""Page objects walked while looking for ruling lines."""
MAX_EMBEDDED_FILES = 200
"""Files embedded in one PDF that are taken out."""
MAX_EMBEDDED_BYTES = 100 * MEGABYTE
"""Sum of the files embedded in one PDF: they travel from the reading process to its parent in one message."""

# --- scans and pictures
MAX_OCR_PAGES = 60
"""Pages of one file that are recognised: 60 pages take some five minutes of one processor. Later ones are named."""
MAX_OCR_LINES = 3_000
"""Text boxes of one recognised page: a dense A3 ledger has about 1,500 cells."""
MAX_SEALS = 60
"""Seals of one file that are looked for on pages with text of their own; each costs a third of a second."""
OCR_DPI = 200
"""Resolution at which pages of a PDF are drawn for recognition; the recogniser gains nothing from more."""
MAX_PICTURE_PIXELS = 100_000_000
"""Pixels of one picture, looked at before it is unpacked: A3 at 600 dpi has 70 million."""
MAX_PAGE_PIXELS = 9_000_000
"""Pixels of the picture that is worked on; larger ones are reduced first. A4 at 300 dpi has 8.7 million, A3 at 200 dpi
7.7; the recogniser gains nothing from more, and the time of a page grows with it."""

MAX_FORM_DEPTH = 6
"""Form objects within form objects of one page; a form that draws itself never ends."""
MAX_PATH_SEGMENTS = 200
"""Segments of one path looked at for ruling lines: frames have 5, drawings thousands."""
MAX_RULE_LINES = 4_000
"""Ruling lines of one scanned page; a form of 100 rows and 20 columns has some 120."""

# --- OFD and signatures
MAX_OFD_DEPTH = 8
"""Page blocks and composite objects within each other."""
MAX_OFD_DELTAS = 100_000
"""Character steps of one text object: the g shorthand may claim any number."""
MAX_SIGNATURES = 50
"""Signatures of one document."""
MAX_DER_DEPTH = 24
MAX_DER_VALUES = 20_000
"""Values of one DER structure, and how deep they stand: a signature with its certificates has some 500, 12 deep."""

# --- mail
MAX_MAIL_PARTS = 500
MAX_MAIL_DEPTH = 20
"""Parts of one message, and how deep they stand within each other."""

# --- sheets
MAX_ROW_BYTES = 64 * MEGABYTE
"""XML of one row: a row of 16,384 cells has about 1 MB."""
MAX_FORMAT_CHARS = 255
"""Characters of one number format: Excel's own limit."""
MAX_COVERED_AREA = 10_000
"""Places of one merged area searched for content under it."""
MAX_SHEET_ROWS = 1_048_576
MAX_SHEET_COLS = 16_384
"""The bounds of the format; a cell beyond them is an error of the file."""
MAX_XLS_COLS = 256
"""Columns of a binary workbook's sheet."""
MAX_SHEETS = 255
"""Sheets of one workbook."""
MAX_CELLS = 2_500_000
"""Cells with content in one workbook: measured at 650 bytes each, so 1.6 GB of a reader's 2 GB."""
BULK_SHEET_BYTES = 8 * MEGABYTE
"""XML of a sheet from which on its cells are kept as columns of numbers: some 200,000 cells."""
BULK_STRING_BYTES = 2 * MEGABYTE
"""XML of the shared strings from which on they are kept in Arrow memory."""
BULK_CSV_BYTES = 4 * MEGABYTE
"""Text of a csv file from which on its fields are kept as columns."""
BULK_TEXT_CHARS = 5_000_000
"""Characters of one bulk's rows repeated in the document's text; the rows themselves are all read."""
MAX_MERGES = 100_000
"""Merged areas of one sheet: more is an attack on readers that expand them."""
MAX_STYLES = 65_535
"""Cell formats of one workbook; Excel's own limit is 65,490."""
MAX_SHARED_STRINGS = 5_000_000
"""Shared strings of one workbook, counted and never allocated by their declared number."""
MAX_GRID_CELLS = 8_000_000
"""Rows x columns of one table's grid: whoever lays a table out needs about 8 bytes for each place."""
MAX_SPANNED = 1_000_000
"""Places of one flowing table's grid that cells may cover by spans; beyond it spans are attacks and count as 1."""
STRAY_ROW_GAP = 5_000
STRAY_COL_GAP = 256
"""Empty rows or columns after which a lone far-off cell is no part of the table (Ctrl+End accidents, attacks)."""
MAX_CELL_BLOCKS = 200_000
"""Beyond so many cells a block per row, not per cell, carries the evidence: blocks cost 250 bytes each."""
MAX_FIELD_CHARS = 1_000_000
"""One csv field; longer ones come from a quote that is never closed."""

# --- text
MAX_TEXT_CHARS = 50_000_000
"""Characters of one document's text."""
MAX_NOTICES = 200
"""Notices of one document; more of the same say nothing new."""
