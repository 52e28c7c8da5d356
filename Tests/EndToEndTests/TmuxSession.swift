import Foundation

/// A private tmux server with one pane, driven by keys and read as text.
final class TmuxSession {
  let socket: String
  /// Where the session's programs keep what outlives them.
  let stateFolder: String
  private let scratch: ScratchFolder
  private static let tool = ["/usr/bin/tmux", "/usr/local/bin/tmux"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static var isAvailable: Bool { tool != nil }

  /// Closes everything but the standard streams first: the server lives on, and Foundation takes a
  /// process for running as long as anybody holds the descriptors it was given.
  private static let start = """
    for open in /proc/self/fd/*; do
      number=${open##*/}
      [ "$number" -gt 2 ] && eval "exec $number>&-"
    done
    exec "$0" "$@"
    """

  /// Starts `command` in a pane of the given size; the pane stays when the command ends.
  ///
  /// Neither what the user has chosen nor what the user's cache holds makes a difference.
  ///
  /// - Parameter stateFolder: That of an earlier session, to go on where it ended; the cache is there as well.
  init(
    _ command: String, columns: Int = 120, rows: Int = 40, stateFolder: String? = nil
  ) throws {
    scratch = try ScratchFolder()
    self.stateFolder = stateFolder ?? scratch.path
    socket = "chiaro-" + UUID().uuidString
    try run([
      "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)",
      "env -u NO_COLOR XDG_STATE_HOME=\(self.stateFolder) XDG_CACHE_HOME=\(self.stateFolder)"
        + " XDG_CONFIG_HOME=\(self.stateFolder) COLORTERM=truecolor"
        + " TERM=screen-256color sh",
    ])
    try run(["set-option", "-g", "history-limit", "2000"])
    try send(text: command)
    try send(keys: ["Enter"])
  }

  deinit {
    // Ends the server as well, with its last session. `kill-server` would be a signal, which the
    // server does not see: it inherits the mask of the test runner's threads.
    _ = try? run(["kill-session"])
  }

  /// Sends named keys: `Left`, `Enter`, `C-z`, `q`.
  func send(keys: [String]) throws { try run(["send-keys"] + keys) }

  /// Types text literally.
  func send(text: String) throws { try run(["send-keys", "-l", text]) }

  func resize(columns: Int, rows: Int) throws {
    try run(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// The visible text of the pane.
  func screen() throws -> String { try run(["capture-pane", "-p"]) }

  /// Polls the screen until `condition` holds; returns whether it did before the deadline.
  func waitForScreen(
    seconds: Double = 60, until condition: (String) -> Bool
  ) throws -> Bool {
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline {
      if condition(try screen()) { return true }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return false
  }

  /// Gives the server a command; what it prints.
  @discardableResult
  func tmux(_ arguments: [String]) throws -> String { try run(arguments) }

  @discardableResult
  private func run(_ arguments: [String]) throws -> String {
    try Program.run(
      executable: "/bin/bash", ["-c", Self.start, Self.tool ?? "tmux", "-L", socket] + arguments,
      environment: ["LC_ALL": "C.UTF-8"]
    ).output
  }
}
