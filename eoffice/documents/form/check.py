"""Whether a draft has the form that Decree 30/2020 prescribes (kiểm tra thể thức).

Pure rules over the text; each answers with findings in whole sentences and names its source. An
error keeps the document from its signature; a warning is for the clerk to judge, because the rule
allows exceptions or because a program cannot read meaning. What the printed form does by itself
(sizes, capitals, lines, dashes, final punctuation) cannot be wrong and is not checked.
"""

from __future__ import annotations

from eoffice.documents.form import blanks as form_blanks
from eoffice.documents.form import parts as form_parts
from eoffice.documents.form import words as form_words
from eoffice.documents.form.findings import Draft, Finding, Severity


def check(draft: Draft) -> tuple[Finding, ...]:
    """All findings, errors first, each group in the order of the page."""
    rules = (
        form_parts.letterhead,
        form_parts.subject,
        form_parts.addressees,
        form_parts.legal_bases,
        form_blanks.blanks,
        form_words.body,
        form_words.numbering,
        form_words.dates,
        form_words.notations,
        form_words.citations,
        form_words.percentages,
        form_words.attachments,
        form_blanks.appendices,
        form_parts.signer,
        form_parts.recipients,
        form_parts.filing,
        form_blanks.express,
    )
    findings = [finding for rule in rules for finding in rule(draft)]
    return tuple(sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR))


def passes(findings: tuple[Finding, ...]) -> bool:
    """Whether nothing keeps the document from being signed; warnings do not."""
    return all(finding.severity is not Severity.ERROR for finding in findings)
