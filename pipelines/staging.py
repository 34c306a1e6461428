"""From facts to staged parts: puts together what the warehouse needs to know of a file and lets it stage the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import pyarrow as pa

from extractors.process import Extraction
from pipelines.reading import ToRead
from warehouse.arrow import arrow_table
from warehouse.parts import Manifest, PartDamagedError, part_version, read_manifest, write_part
from warehouse.previews import Preview, preview_of, preview_path, write_preview
from warehouse.staging import DocumentInfo, is_secret, stage
from warehouse.state import FileRecord, Provenance

_STATUS: dict[str, Literal["parsed", "partial", "quarantined"]] = {
    "ok": "parsed",
    "partial": "partial",
    "failed": "quarantined",
}


def staged_part(home: Path, file: ToRead) -> Manifest | None:
    """The part of a file under the version at hand, its manifest only; None when it or its preview is not there."""
    if not preview_path(home, file.file_id, file.version).is_file():
        return None
    try:
        return read_manifest(home, file.file_id, part_version(file.version), verify=False)
    except PartDamagedError:
        return None


def part_of(home: Path, file: ToRead) -> Manifest | None:
    """The same with every Parquet file held against its checksum; None when anything is missing or altered."""
    try:
        return read_manifest(home, file.file_id, part_version(file.version))
    except PartDamagedError:
        return None


def stage_file(
    home: Path, file: ToRead, extraction: Extraction, record: FileRecord, provenance: Provenance
) -> Manifest:
    """Write the part of one file: the rows of its facts, and the units it names."""
    document, failure = extraction.document, extraction.failure
    info = DocumentInfo(
        file_id=file.file_id,
        name=file.name,
        path=provenance.path,
        parent_id=provenance.parent_id,
        source=provenance.source,
        extractor_version=file.version,
        first_seen_date=record.first_seen_date,
        status=_STATUS[extraction.status],
        format=None if document is None else document.format,
        pages=None if document is None else document.pages,
        text=None if document is None else document.text,
        notices=() if document is None else document.notices,
        grades=() if document is None else document.grades,
        seals=() if document is None else document.seals,
        error_code=None if failure is None else failure.code,
        error_message=None if failure is None else failure.message,
    )
    tables = stage(extraction.facts, info)
    units = _units(extraction)
    if units.num_rows:
        tables["units"] = units
    # before the part: a file counts as staged once its part is there
    write_preview(home, file.version, _preview(file, extraction))
    return write_part(home, file.file_id, part_version(file.version), tables)


def _preview(file: ToRead, extraction: Extraction) -> Preview:
    """What people are shown of the file: nothing of one that could not be read or may not be kept."""
    document = extraction.document
    if document is None or (extraction.facts is not None and is_secret(extraction.facts)):
        return Preview(file_id=file.file_id, name=file.name)
    return msgspec.structs.replace(preview_of(document, file.file_id), name=file.name)


def _units(extraction: Extraction) -> pa.Table:
    from extractors.resolve import units_of

    found = () if extraction.facts is None else units_of(extraction.facts)
    rows = [{"unit_id": u.unit_id, "name": u.unit_name, "kind": u.kind, "region_code": u.region_code} for u in found]
    return arrow_table("units", rows)
