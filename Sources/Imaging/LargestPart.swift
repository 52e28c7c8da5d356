/// The largest connected part of the marked points of a grid, by its four neighbours; the first of equals.
///
/// - Parameters:
///   - isMarked: Row by row.
///   - width: Points in a row.
/// - Returns: Which points belong to it.
package func largestPart(of isMarked: [Bool], width: Int) -> [Bool] {
  var isOpen = isMarked
  var largest: [Int] = []
  for start in isMarked.indices where isOpen[start] {
    isOpen[start] = false
    var part = [start]
    var next = 0
    while next < part.count {
      let index = part[next]
      next += 1
      let column = index % width
      let neighbours: InlineArray<4, Int> = [
        column > 0 ? index - 1 : index, column + 1 < width ? index + 1 : index,
        max(index - width, column), index + width < isOpen.count ? index + width : index,
      ]
      for side in neighbours.indices where isOpen[neighbours[side]] {
        isOpen[neighbours[side]] = false
        part.append(neighbours[side])
      }
    }
    if part.count > largest.count { largest = part }
  }
  var result = [Bool](repeating: false, count: isMarked.count)
  for index in largest { result[index] = true }
  return result
}
