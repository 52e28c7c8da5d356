// Pictures as characters by libchafa, without the types of its library.

#ifndef CHIARO_SYMBOL_ART_H
#define CHIARO_SYMBOL_ART_H

#include <stdint.h>

/// One cell: a character and its colours.
typedef struct {
  uint32_t scalar;
  /// 0xRRGGBB or an index, as `symbol_art_colors` says; -1 for the terminal's own.
  int32_t foreground;
  int32_t background;
} symbol_art_cell;

/// How many colours there are: the terminal's own two, sixteen, the 240 that users do not repaint, or all.
typedef enum {
  SYMBOL_ART_MONOCHROME,
  SYMBOL_ART_ANSI16,
  SYMBOL_ART_INDEXED240,
  SYMBOL_ART_TRUE_COLOR,
} symbol_art_colors;

/// Fills `cells`, rows from the top, with the characters that are nearest to a picture.
///
/// `rgb` has `3 * width * height` bytes behind the sRGB curve; the picture is stretched over the cells.
void symbol_art_draw(
    const uint8_t *rgb, int width, int height, int columns, int rows, symbol_art_colors colors,
    symbol_art_cell *cells);

#endif
