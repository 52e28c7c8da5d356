// Wide curses for Swift: macros and mutable globals behind functions, nothing else.
#pragma once
#define NCURSES_WIDECHAR 1
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <term.h>

static inline WINDOW *curses_standard_screen(void) { return stdscr; }
static inline int curses_color_count(void) { return COLORS; }

static const attr_t curses_normal = A_NORMAL;
static const attr_t curses_bold = A_BOLD;
static const attr_t curses_dim = A_DIM;
static const attr_t curses_italic = A_ITALIC;
static const attr_t curses_underline = A_UNDERLINE;
static const attr_t curses_reverse = A_REVERSE;

// Builds a cell of a grapheme (null-terminated) with a colour pair beyond the 15 bits of `short`.
static inline int curses_make_cell(cchar_t *cell, const wchar_t *text, attr_t attributes, int pair) {
  return setcchar(cell, text, attributes, 0, &pair);
}

// The bytes of a string capability; NULL when the terminal has none (tigetstr may also give -1).
static inline const char *curses_capability(const char *name) {
  const char *value = tigetstr((NCURSES_CONST char *)name);
  return value == (const char *)-1 ? NULL : value;
}
