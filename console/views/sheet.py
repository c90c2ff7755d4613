"""The style sheet of ordinary controls; colours and lengths are names that ``console.views.theme`` fills in."""

from __future__ import annotations

SHEET = """
QMainWindow, QDialog { background: %(line)s; }
QWidget[role="panel"] { background: %(panel)s; }
QWidget[role="raised"] { background: %(raised)s; }
QWidget[role="ground"] { background: %(line)s; }
QFrame[role="sheet"] { background: %(panel)s; border: 1px solid %(line)s; }
QPushButton { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; border-radius: %(corner)spx;
  padding: 0 %(wide)spx; min-height: %(touch)spx; min-width: %(touch)spx; font-family: %(families)s;
  font-size: %(body)s; }
QPushButton:hover, QPushButton:focus { border-color: %(info)s; }
QPushButton:pressed, QPushButton:checked { background: %(info_ground)s; border-color: %(info)s; }
QPushButton:disabled { color: %(faint)s; }
QPushButton[role="primary"] { background: %(button)s; color: %(on_button)s; font-weight: 600; }
QPushButton[role="primary"]:disabled { background: %(raised)s; color: %(faint)s; }
QPushButton[role="alarm"] { background: %(alarm_button)s; color: %(on_button)s; font-weight: 600; }
QPushButton[role="flat"] { background: transparent; border-color: transparent; color: %(dim)s; }
QPushButton[role="narrow"] { padding: 0 %(corner)spx; font-size: %(small)s; }
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox, QDateTimeEdit { background: %(field)s; color: %(text)s;
  border: 1px solid %(line)s; border-radius: %(corner)spx; padding: 0 %(gap)spx; min-height: %(touch)spx;
  font-family: %(families)s; font-size: %(body)s; selection-background-color: %(button)s;
  selection-color: %(on_button)s; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QComboBox:on { border-color: %(info)s; }
QComboBox { padding-right: %(corner)spx; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; border: none; width: %(row)spx; }
QComboBox::down-arrow { image: url("%(drop)s"); width: %(arrow)spx; height: %(arrow)spx; }
QComboBox QAbstractItemView { background: %(field)s; color: %(text)s; border: 1px solid %(line)s; outline: none;
  selection-background-color: %(button)s; selection-color: %(on_button)s; }
QCheckBox { color: %(text)s; font-family: %(families)s; font-size: %(body)s; min-height: %(bare)spx; }
QCheckBox::indicator { width: %(box)spx; height: %(box)spx; background: %(field)s; border: 1px solid %(soft)s;
  border-radius: %(corner)spx; }
QCheckBox::indicator:checked { background: %(button)s; border-color: %(info)s; image: url("%(tick)s"); }
QCheckBox::indicator:disabled { background: %(raised)s; border-color: %(line)s; }
QAbstractItemView { background: %(panel)s; color: %(text)s; border: none; gridline-color: %(row_line)s;
  alternate-background-color: %(panel)s; selection-background-color: %(info_ground)s; selection-color: %(text)s;
  font-family: %(families)s; font-size: %(small)s; outline: none; }
QListWidget[role="rows"]::item { padding: 0 %(wide)spx; border-bottom: 1px solid %(row_line)s; }
QListWidget[role="rows"]::item:selected { background: %(info_ground)s; color: %(text)s; }
QHeaderView { background: %(panel)s; }
QHeaderView::section { background: %(panel)s; color: %(dim)s; border: none; padding: 0 %(gap)spx;
  font-family: %(families)s; font-size: %(tiny)s; min-height: %(row)spx; }
QTableCornerButton::section { background: %(panel)s; border: none; }
QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: %(bar)spx; margin: 0; }
QScrollBar:horizontal { background: transparent; height: %(bar)spx; margin: 0; }
QScrollBar::handle { background: %(scroll)s; border-radius: %(corner)spx; min-height: %(touch)spx;
  min-width: %(touch)spx; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { background: %(line)s; height: %(corner)spx; }
QSlider::handle:horizontal { background: %(info)s; width: %(wide)spx; margin: -%(gap)spx 0;
  border-radius: %(corner)spx; }
QMenu { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; }
QMenu::item { padding: %(gap)spx %(wide)spx; }
QMenu::item:selected { background: %(info_ground)s; }
QToolTip { background: %(raised)s; color: %(text)s; border: 1px solid %(line)s; }
QSplitter::handle { background: %(line)s; }
"""
