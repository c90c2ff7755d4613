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
    step = steps[index]
    if step.batch:
        _undo_batch(tables, step.batch, by)
        return
    del steps[index]
    text_id, args = _take_back(tables, step, steps[index:], by)
    _tell(tables, step, text_id, args)


def _undo_batch(tables: Tables, batch: str, by: str) -> None:
    """All that was read in together, the last first; what cannot be taken back is counted."""
    done = left = 0
    for index in reversed(range(len(tables.steps))):
        if tables.steps[index].batch == batch:
            step = tables.steps.pop(index)
            text_id, _ = _take_back(tables, step, tables.steps[index:], by)
            done, left = (done + 1, left) if text_id == "notice.undone" else (done, left + 1)
    args = {**marks.said_or("undone_by", by, "mark.nobody"), "count": done, "left": left}
    tables.note(marks.KIND, marks.KIND, "notice.undone_file_partly" if left else "notice.undone_file", args)


def _take_back(tables: Tables, step: Step, since: list[Step], by: str) -> tuple[str, dict[str, Value]]:
    """Do so unless somebody changed it ``since``; gives what to tell."""
    later = next((one for one in reversed(since) if _is_about_the_same(one, step)), None)
    if later is not None:
        return "notice.undo_late", marks.said_or("changed_by", later.by, "mark.nobody")
    if step.road_id and not roads.put_back(tables, step.road_id, step.road):
        return "notice.undo_gone", {}
    if step.mark_id:
        marks.put_back(tables, step.mark_id, step.mark)
    return "notice.undone", marks.said_or("undone_by", by, "mark.nobody")


def _may_be_of(step: Step, by: str) -> bool:
    return not (by and step.by) or step.by == by


def _is_about_the_same(one: Step, other: Step) -> bool:
    return one.mark_id == other.mark_id != "" or one.road_id == other.road_id != ""


def _tell(tables: Tables, step: Step, text_id: str, args: dict[str, Value]) -> None:
    kind, subject_id = (roads.KIND, step.road_id) if step.road_id else (marks.KIND, marks.KIND)
    tables.note(kind, subject_id, text_id, {**step.did.args, "@did": step.did.id, **args})
