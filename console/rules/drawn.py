"""What people draw on the map: marks and roads, what is asked of them, and taking the last change of either back."""

from __future__ import annotations

from console.map_marks import WORDS
from console.orders import DrawnOrder, MarkOrder, Undo
from console.picture import Value
from console.rules import marks, roads
from console.tables import Step, Tables


def obey(tables: Tables, order: DrawnOrder) -> None:
    """Do what was asked, or say in the log why not; a way out may hang on it."""
    if isinstance(order, Undo):
        _undo(tables, order.by[:WORDS])
    elif isinstance(order, MarkOrder):
        marks.obey(tables, order)
    else:
        roads.obey(tables, order)
    roads.judge(tables)


def _undo(tables: Tables, by: str) -> None:
    """Take back the last step that may be of ``by``.

    What somebody else changed since is not taken back under his hands: it is told, and the step is given up, so that
    the key comes to the one before.
    """
    steps = tables.steps
    index = next((n for n in reversed(range(len(steps))) if _may_be_of(steps[n], by)), None)
    if index is None:
        tables.note(marks.KIND, marks.KIND, "notice.nothing_undone", marks.said_or("undone_by", by, "mark.nobody"))
        return
    step = steps.pop(index)
    later = next((one for one in reversed(steps[index:]) if _is_about_the_same(one, step)), None)
    if later is not None:
        _tell(tables, step, "notice.undo_late", marks.said_or("changed_by", later.by, "mark.nobody"))
    elif step.road_id and not roads.put_back(tables, step.road_id, step.road):
        _tell(tables, step, "notice.undo_gone", {})
    else:
        if step.mark_id:
            marks.put_back(tables, step.mark_id, step.mark)
        _tell(tables, step, "notice.undone", marks.said_or("undone_by", by, "mark.nobody"))


def _may_be_of(step: Step, by: str) -> bool:
    return not (by and step.by) or step.by == by


def _is_about_the_same(one: Step, other: Step) -> bool:
    return one.mark_id == other.mark_id != "" or one.road_id == other.road_id != ""


def _tell(tables: Tables, step: Step, text_id: str, args: dict[str, Value]) -> None:
    kind, subject_id = (roads.KIND, step.road_id) if step.road_id else (marks.KIND, marks.KIND)
    tables.note(kind, subject_id, text_id, {**step.did.args, "@did": step.did.id, **args})
