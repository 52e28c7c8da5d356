import Foundation
import Imaging

/// A terminal program that people use, on a display nobody sees.
enum RealTerminal: String, CaseIterable {
  case xterm, mlterm, foot, kitty

  /// The display server and the camera.
  private static let stage = ["Xvfb", "import"]

  /// Whether everything for a picture of it is installed.
  var isInstalled: Bool {
    (Self.stage + programs).allSatisfy { Self.path(of: $0) != nil }
  }

  private var programs: [String] { self == .foot ? ["foot", "weston"] : [rawValue] }

  private static func path(of program: String) -> String? {
    ["/usr/bin/", "/usr/local/bin/"].map { $0 + program }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  struct Missing: Error { var program: String }

  /// Shows a file's bytes and waits until the screen holds a picture nearly enough.
  ///
  /// - Parameters:
  ///   - file: What the terminal receives.
  ///   - image: What should be seen, somewhere near the upper left corner.
  ///   - decibels: How near is enough.
  /// - Returns: The peak signal-to-noise ratio of what was seen last, in decibels.
  func show(_ file: String, resembling image: DisplayImage, decibels: Double) throws -> Double {
    let scratch = try ScratchFolder()
    let display = try Display(scratch)
    let script = "cat '\(file)'; sleep 60"
    let compositor = self == .foot ? try display.compositor() : nil
    defer { compositor?.end() }
    let window = try display.start(command + [script], environment: environment)
    defer { window.end() }
    let deadline = Date().addingTimeInterval(30)
    var best = 0.0
    while Date() < deadline, best < decibels {
      Thread.sleep(forTimeInterval: 0.5)
      guard let screen = try display.screenshot() else { continue }
      best = max(best, screen.likeness(of: image))
    }
    return best
  }

  private var environment: [String: String] {
    switch self {
    case .xterm, .mlterm: [:]
    case .foot: ["WAYLAND_DISPLAY": "chiaro"]
    case .kitty: ["LIBGL_ALWAYS_SOFTWARE": "1"]
    }
  }

  private var command: [String] {
    switch self {
    case .xterm:
      let resources = [
        "decGraphicsID: vt340", "numColorRegisters: 256", "internalBorder: 0", "borderWidth: 0",
      ]
      return ["xterm", "-ti", "vt340"] + resources.flatMap { ["-xrm", "XTerm*\($0)"] }
        + ["-fn", "fixed", "-geometry", "120x60+0+0", "-e", "sh", "-c"]
    case .mlterm: return ["mlterm", "--geometry", "120x60+0+0", "--borderless", "-e", "sh", "-c"]
    case .foot: return ["foot", "sh", "-c"]
    case .kitty:
      let options = [
        "remember_window_size=no", "initial_window_width=900", "initial_window_height=800",
      ]
      return ["kitty", "--config", "NONE"] + options.flatMap { ["-o", $0] } + ["sh", "-c"]
    }
  }

  /// An X server in memory.
  private final class Display {
    private let server = Process()
    private let scratch: ScratchFolder
    private let number: Int

    init(_ scratch: ScratchFolder) throws {
      self.scratch = scratch
      let pipe = Pipe()
      server.executableURL = URL(fileURLWithPath: RealTerminal.path(of: "Xvfb") ?? "Xvfb")
      server.arguments = ["-displayfd", "1", "-screen", "0", "1280x960x24"]
      server.standardOutput = pipe
      server.standardError = FileHandle.nullDevice
      try server.run()
      // It writes the number of the display when it is ready.
      let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
      guard let number = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
        throw Missing(program: "Xvfb")
      }
      self.number = number
    }

    deinit { server.end() }

    func start(_ command: [String], environment: [String: String] = [:]) throws -> Process {
      guard let path = RealTerminal.path(of: command[0]) else { throw Missing(program: command[0]) }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = Array(command.dropFirst())
      let own = [
        "DISPLAY": ":\(number)", "HOME": scratch.path, "XDG_RUNTIME_DIR": scratch.path,
      ]
      process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
        .merging(environment) { $1 }
      for standard in [\Process.standardOutput, \Process.standardError] {
        process[keyPath: standard] = FileHandle.nullDevice
      }
      try process.run()
      return process
    }

    /// What foot needs between itself and the X server.
    func compositor() throws -> Process {
      chmod(scratch.path, 0o700)
      let process = try start([
        "weston", "--backend=x11-backend.so", "--use-pixman", "--shell=kiosk-shell.so",
        "--width=900", "--height=800", "--socket=chiaro",
      ])
      let deadline = Date().addingTimeInterval(20)
      while !FileManager.default.fileExists(atPath: scratch.file("chiaro")), Date() < deadline {
        Thread.sleep(forTimeInterval: 0.1)
      }
      return process
    }

    func screenshot() throws -> DisplayImage? {
      let file = scratch.file("screen.png")
      // Without gamma, so that the values are read as they were on the screen.
      let camera = try start([
        "import", "-silent", "-window", "root", "-define", "png:include-chunk=none",
        "png24:\(file)",
      ])
      camera.waitUntilExit()
      guard camera.terminationStatus == 0 else { return nil }
      return DisplayImage(try ImageFile.readPhotograph(at: file).image)
    }
  }
}

extension Process {
  /// By the one signal that a process cannot have inherited as blocked: test runners block theirs.
  fileprivate func end() {
    kill(processIdentifier, SIGKILL)
    waitUntilExit()
  }
}

extension DisplayImage {
  /// The peak signal-to-noise ratio of a picture where this one shows it best, in decibels.
  fileprivate func likeness(of image: DisplayImage) -> Double {
    // Windows have borders and scroll bars.
    let reach = 64
    let places = (0..<min(reach, height - image.height)).flatMap { y in
      (0..<min(reach, width - image.width)).map { x in (x: x, y: y) }
    }
    let best = places.min { left, right in
      squares(of: image, x: left.x, y: left.y, stride: 1009)
        < squares(of: image, x: right.x, y: right.y, stride: 1009)
    }
    guard let best else { return 0 }
    let mean =
      Double(squares(of: image, x: best.x, y: best.y, stride: 1)) / Double(image.bytes.count)
    return mean == 0 ? .infinity : 10 * log10(255 * 255 / mean)
  }

  private func squares(of image: DisplayImage, x: Int, y: Int, stride step: Int) -> Int {
    var sum = 0
    for pixel in Swift.stride(from: 0, to: image.width * image.height, by: step) {
      let own = 3 * ((y + pixel / image.width) * width + x + pixel % image.width)
      for channel in 0..<3 {
        let difference = Int(bytes[own + channel]) - Int(image.bytes[3 * pixel + channel])
        sum += difference * difference
      }
    }
    return sum
  }
}
