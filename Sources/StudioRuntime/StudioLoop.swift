import Dispatch
import Studio
import TerminalCells
import TerminalGraphics

/// The heart of the studio: event → action → state → frame → terminal.
///
/// Owns the state; everything slow happens elsewhere and comes back through the mailbox, so that no
/// key ever waits.
public final class StudioLoop {
  private let device: any TerminalDevice
  private let runner: EffectRunner
  private let clock: () -> Int
  private var screen: PictureScreen
  private var state: StudioState
  private var timers: [Timer] = []
  /// What the screen shows; nil when it has to be drawn anew.
  private var lastFrame: Frame?
  /// Whether something has happened since then.
  private var isStale = true
  /// Until when the cells wait for the picture of the same keys; nil when they do not wait.
  private var cellsDue: Int?
  private var isRunning = true
  private var endingSignal: Int32?

  private struct Timer {
    var due: Int
    var action: StudioAction
  }

  /// - Parameters:
  ///   - device: An open terminal.
  ///   - capabilities: What the terminal can show.
  ///   - state: Where the session starts.
  ///   - runner: Performs effects; its mailbox must wake this device.
  ///   - clock: Milliseconds of a steady clock.
  public init(
    device: any TerminalDevice, capabilities: TerminalCapabilities, state: StudioState,
    runner: EffectRunner, clock: @escaping () -> Int = StudioLoop.steadyMilliseconds
  ) {
    self.device = device
    self.state = state
    self.runner = runner
    self.clock = clock
    screen = PictureScreen(capabilities: capabilities)
  }

  /// Milliseconds since an arbitrary start.
  public static func steadyMilliseconds() -> Int {
    Int(DispatchTime.now().uptimeNanoseconds / 1_000_000)
  }

  /// Runs until the studio quits.
  ///
  /// - Parameter actions: What happens first, such as opening a portrait.
  /// - Returns: The signal that ended the program, nil when the user did.
  public func run(startingWith actions: [StudioAction]) -> Int32? {
    perform([.resized(device.size)] + actions)
    while isRunning {
      present()
      let event = device.nextEvent(timeoutMilliseconds: waitingTime())
      var pending: [StudioAction] = []
      if let event { pending += handle(event) }
      pending += runner.mailbox.drain()
      pending += dueTimers()
      let shown = state.jobs.preview.shown
      perform(pending)
      if pending.contains(where: \.bringsPicture) { cellsDue = nil }
      if pending.allSatisfy(\.bringsPicture) { presentPicture(inPlaceOf: shown) }
    }
    runner.finish()
    leaveScreen()
    return endingSignal
  }

  // MARK: - Actions

  private func handle(_ event: InputEvent) -> [StudioAction] {
    switch event {
    case .reply(let bytes):
      screen.answered(bytes, at: clock())
    case .terminate(let signal):
      endingSignal = signal
      isRunning = false
    case .stop: suspend()
    case .resize: forgetScreen()
    case .resumed:
      forgetScreen()
      // The window may have changed meanwhile.
      return [.resized(device.size), .resumed]
    case .key, .mouse, .paste, .wakeUp: break
    }
    return StudioAction(event).map { [$0] } ?? []
  }

  private func perform(_ actions: [StudioAction]) {
    if !actions.isEmpty { isStale = true }
    for action in actions {
      for effect in reduce(&state, action) { perform(effect) }
    }
  }

  private func perform(_ effect: StudioEffect) {
    switch effect {
    case .after(let seconds, let action):
      timers.append(Timer(due: clock() + Int(seconds * 1000), action: action))
    case .redraw: forgetScreen()
    case .suspend: suspend()
    case .quit: isRunning = false
    case .renderPreview(let request):
      let isMoving = request.quality == .draft
      let limit = screen.pixelLimit(
        columns: request.columns, rows: request.rows, screen: device.size, isMoving: isMoving)
      let division =
        isMoving
        ? nil
        : screen.division(columns: request.columns, rows: request.rows, screen: device.size)
      runner.render(request, limit: limit, division: division)
      if isMoving && cellsDue == nil { cellsDue = clock() + Self.longestCellWait }
    case .previewFile(let path, let columns, let rows):
      runner.previewFile(
        path,
        limit: screen.pixelLimit(
          columns: columns, rows: rows, screen: device.size, isMoving: false))
    default: runner.perform(effect)
    }
  }

  // MARK: - Time

  private func dueTimers() -> [StudioAction] {
    let now = clock()
    let due = timers.filter { $0.due <= now }.sorted { $0.due < $1.due }
    timers.removeAll { $0.due <= now }
    return due.map(\.action)
  }

  private func waitingTime() -> Int {
    let now = clock()
    var waits = timers.map { max(0, $0.due - now) }
    if screen.isBehind { waits.append(screen.pacer.waitingTime(at: now)) }
    if let cellsDue { waits.append(max(0, cellsDue - now)) }
    return waits.min() ?? -1
  }

  // MARK: - Screen

  private func present() {
    guard isRunning else { return }
    let mayWait = lastFrame != nil && cellsDue.map { $0 > clock() } ?? false
    let isDue = (isStale || lastFrame == nil) && !mayWait
    presentPicture(over: isDue ? presentCells() : [])
  }

  /// Milliseconds that cells wait for the picture of the same keys, one frame of most screens: drawn
  /// at once, by program and terminal, they would take the processor from it.
  private static let longestCellWait = 16

  /// Sends the frame's picture if it has changed or cells were drawn where it lies.
  private func presentPicture(over changedCells: [CellRun]) {
    guard let frame = lastFrame else { return }
    if let bytes = screen.bytes(
      for: frame, changedCells: changedCells, images: runner.images, screen: device.size,
      isMoving: state.jobs.preview.shown?.quality == .draft, clock: clock)
    {
      device.write(bytes)
    }
  }

  /// Sends a picture that takes the place of another of its size ahead of the cells.
  ///
  /// The cells have nothing new to say but how long it took.
  private func presentPicture(inPlaceOf old: PreviewPicture?) {
    guard let old, let new = state.jobs.preview.shown, new.image != old.image,
      new.width == old.width, new.height == old.height,
      let slot = lastFrame?.images.first, slot.image == old.image
    else { return }
    lastFrame?.images = [ImageSlot(rect: slot.rect, image: new.image)]
    presentPicture(over: [])
  }

  /// Draws what has changed and returns it.
  private func presentCells() -> [CellRun] {
    var frame = render(state, theme: state.visibleTheme)
    screen.compose(&frame, images: runner.images, screen: device.size)
    let changes = frame.grid.changes(since: lastFrame?.grid)
    if !changes.isEmpty || frame.cursor != lastFrame?.cursor {
      device.present(changes, cursor: frame.cursor)
    }
    let uncovered = screen.uncoveredCells(
      of: frame, images: runner.images, screen: device.size)
    if !uncovered.isEmpty { device.write(screen.covering(uncovered)) }
    lastFrame = frame
    isStale = false
    cellsDue = nil
    return changes + uncovered
  }

  private func forgetScreen() {
    lastFrame = nil
    screen.reset()
  }

  /// Gives the terminal back until the program is continued.
  private func suspend() {
    leaveScreen()
    if isRunning { device.suspend() }
  }

  /// Takes the picture away and waits for the answers to what was sent: once the terminal is given
  /// back, they would be typing.
  private func leaveScreen() {
    device.write(screen.removal)
    let deadline = clock() + Self.lastAnswerWait
    while screen.awaitsAnswer, clock() < deadline {
      // Keys that come as late as this have nothing left to do.
      switch device.nextEvent(timeoutMilliseconds: max(0, deadline - clock())) {
      case .reply(let bytes)?: screen.answered(bytes, at: clock())
      case .terminate(let signal)?:
        endingSignal = signal
        isRunning = false
        return
      default: break
      }
    }
  }

  /// Milliseconds after which an answer is taken for lost.
  ///
  /// On a slow line what restores the terminal has to wait behind the picture anyway.
  private static let lastAnswerWait = 1000
}

extension StudioAction {
  /// Whether all it does is to bring a picture.
  fileprivate var bringsPicture: Bool {
    if case .previewReady = self { true } else { false }
  }
}
