"""The report of an import in sentences."""

from __future__ import annotations

from console.i18n import Language, translate
from console.importing.job import Report


def said_report(report: Report, language: Language) -> list[str]:
    """What was made, where it lies, what was left out and why; one line each."""

    def say(message_id: str, **args: object) -> str:
        return translate(language, message_id, args)

    counts = say("import.comma").join(
        say(f"import.count.{kind}", count=count) for kind, count in sorted(report.counts.items()) if count
    )
    lines = [
        say(f"import.made.{report.made}", out=report.out, counts=counts),
        say("import.lies", crs=report.crs, datum=say(f"import.datum.{report.datum}"), **_bounds(report)),
    ]
    if report.zooms is not None:
        lines.append(say("import.zooms", first=report.zooms[0], last=report.zooms[1]))
    for one in report.skipped:
        words = say("import.left_out", count=one.count, reason=say(f"import.skipped.{one.reason}"))
        lines.append(f"{words} {say('import.example', example=one.example)}" if one.example else words)
    lines.extend(say(f"import.note.{note}") for note in report.notes)
    return lines


def _bounds(report: Report) -> dict[str, str]:
    west, south, east, north = report.bounds_deg
    return {"west": f"{west:.4f}", "south": f"{south:.4f}", "east": f"{east:.4f}", "north": f"{north:.4f}"}
