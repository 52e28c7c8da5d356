// The product of two matrices, for what a network multiplies pixel with pixel: a block of the result stays in
// registers while the factors pass by.

/// Vectors of columns, and rows, that a block has.
#define MATRIX_WIDTH (SUMS < 24 ? 1 : 4)
#define MATRIX_ROWS (SUMS / MATRIX_WIDTH)

INLINE void multiply_block(
    const matrix_factors *m, int row, int column, const int rows, const int width) {
  lanes sums[SUMS][4];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < width; v++) sums[r][v] = (lanes){0};
  const float *first = m->first + row * m->first_row, *second = m->second + column;
  for (int inner = 0; inner < m->inner; inner++) {
    lanes factor[4];
    UNROLL for (int v = 0; v < width; v++) factor[v] = *at(second + v * 16);
    UNROLL for (int r = 0; r < rows; r++) {
      float sample = first[r * m->first_row];
      UNROLL for (int v = 0; v < width; v++) sums[r][v] += sample * factor[v];
    }
    first += m->first_column;
    second += m->columns;
  }
  float *result = m->result + (ptrdiff_t)row * m->columns + column;
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < width; v++)
      *at(result + (ptrdiff_t)r * m->columns + v * 16) = m->scale * sums[r][v];
}

/// All columns of some rows.
INLINE void multiply_rows_of(const matrix_factors *m, int row, const int rows) {
  int column = 0;
  for (; column + 16 * MATRIX_WIDTH <= m->columns; column += 16 * MATRIX_WIDTH)
    multiply_block(m, row, column, rows, MATRIX_WIDTH);
  for (; column + 16 <= m->columns; column += 16) multiply_block(m, row, column, rows, 1);
  for (; column < m->columns; column++)
    for (int r = row; r < row + rows; r++) {
      float sum = 0;
      for (int inner = 0; inner < m->inner; inner++)
        sum += m->first[r * m->first_row + inner * m->first_column] *
               m->second[(ptrdiff_t)inner * m->columns + column];
      m->result[(ptrdiff_t)r * m->columns + column] = m->scale * sum;
    }
}

static void multiply(const matrix_factors *m, int first, int end) {
  int row = first;
  for (; row + MATRIX_ROWS <= end; row += MATRIX_ROWS) multiply_rows_of(m, row, MATRIX_ROWS);
  for (; row < end; row++) multiply_rows_of(m, row, 1);
}
