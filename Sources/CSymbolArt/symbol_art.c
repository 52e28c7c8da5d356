#include "symbol_art.h"

#include <chafa.h>

static ChafaCanvasMode canvas_mode(symbol_art_colors colors) {
  switch (colors) {
  case SYMBOL_ART_MONOCHROME: return CHAFA_CANVAS_MODE_FGBG;
  case SYMBOL_ART_ANSI16: return CHAFA_CANVAS_MODE_INDEXED_16;
  case SYMBOL_ART_INDEXED240: return CHAFA_CANVAS_MODE_INDEXED_240;
  case SYMBOL_ART_TRUE_COLOR: break;
  }
  return CHAFA_CANVAS_MODE_TRUECOLOR;
}

static ChafaCanvas *make_canvas(int columns, int rows, symbol_art_colors colors) {
  // Characters that every fixed font has, one column wide; letters would be read.
  ChafaSymbolMap *symbols = chafa_symbol_map_new();
  chafa_symbol_map_add_by_tags(
      symbols, CHAFA_SYMBOL_TAG_SPACE | CHAFA_SYMBOL_TAG_SOLID | CHAFA_SYMBOL_TAG_BLOCK |
                   CHAFA_SYMBOL_TAG_HALF | CHAFA_SYMBOL_TAG_QUAD | CHAFA_SYMBOL_TAG_BORDER |
                   CHAFA_SYMBOL_TAG_STIPPLE);
  if (colors == SYMBOL_ART_MONOCHROME)
    chafa_symbol_map_add_by_tags(symbols, CHAFA_SYMBOL_TAG_ASCII);
  chafa_symbol_map_remove_by_tags(
      symbols, CHAFA_SYMBOL_TAG_WIDE | CHAFA_SYMBOL_TAG_AMBIGUOUS | CHAFA_SYMBOL_TAG_UGLY);

  ChafaCanvasConfig *config = chafa_canvas_config_new();
  chafa_canvas_config_set_geometry(config, columns, rows);
  chafa_canvas_config_set_canvas_mode(config, canvas_mode(colors));
  chafa_canvas_config_set_symbol_map(config, symbols);
  chafa_canvas_config_set_work_factor(config, 0.5f);
  chafa_canvas_config_set_fg_color(config, 0xFFFFFF);
  chafa_canvas_config_set_bg_color(config, 0x000000);
  // Its normalisation would make every cell depend on all others.
  chafa_canvas_config_set_preprocessing_enabled(config, FALSE);
  // An ordered dither depends on the place alone, so that equal pictures look equal.
  chafa_canvas_config_set_dither_mode(
      config, colors <= SYMBOL_ART_ANSI16 ? CHAFA_DITHER_MODE_ORDERED : CHAFA_DITHER_MODE_NONE);
  chafa_canvas_config_set_dither_grain_size(config, 4, 4);
  ChafaCanvas *canvas = chafa_canvas_new(config);
  chafa_canvas_config_unref(config);
  chafa_symbol_map_unref(symbols);
  return canvas;
}

void symbol_art_draw(
    const uint8_t *rgb, int width, int height, int columns, int rows, symbol_art_colors colors,
    symbol_art_cell *cells) {
  ChafaCanvas *canvas = make_canvas(columns, rows, colors);
  chafa_canvas_draw_all_pixels(canvas, CHAFA_PIXEL_RGB8, rgb, width, height, 3 * width);
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      symbol_art_cell *cell = &cells[row * columns + column];
      gint foreground = -1, background = -1;
      chafa_canvas_get_raw_colors_at(canvas, column, row, &foreground, &background);
      cell->scalar = chafa_canvas_get_char_at(canvas, column, row);
      cell->foreground = foreground;
      cell->background = background;
    }
  }
  chafa_canvas_unref(canvas);
}
