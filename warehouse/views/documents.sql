-- 文档 | Every file taken in, read or not; `status` says what became of it.
-- of: documents
SELECT document_id, title, issuer, doc_number, doc_type, kind, issued_date, region_code, region_name, source, path, parent_id,
       name, format, pages, status, urgency, secrecy, signed_off_by, recipients, attachments, contacts, first_seen_date,
       extractor_version, error_code, error_message, metadata_evidence, page_grades,
       seals, text
FROM core.documents
