import Decomposition
import Foundation
import StudioRuntime
import Synchronization

/// One line of progress on standard error, where that is a terminal.
final class ProgressLine: Sendable {
  private let isVisible = isatty(STDERR_FILENO) == 1
  private let lastText = Mutex("")

  /// Shows how far the networks have come.
  func show(_ progress: DecompositionProgress) {
    guard isVisible else { return }
    let percent = Int((progress.fractionCompleted * 100).rounded(.down))
    let text =
      "\(String(repeating: " ", count: percent < 10 ? 1 : 0))\(percent) % \(progress.stage.title)"
    lastText.withLock { last in
      guard text != last else { return }
      last = text
      write("\r\u{1B}[K\(text)")
    }
  }

  /// Takes the line away.
  func clear() {
    guard isVisible else { return }
    lastText.withLock { last in
      if !last.isEmpty { write("\r\u{1B}[K") }
      last = ""
    }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
