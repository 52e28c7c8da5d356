/// Decides when the next frame may be sent and how many bytes it may have.
///
/// One frame is under way at a time. Its answer comes back when the terminal has drawn it, so
/// the queue never grows and keys never wait behind pictures, over ssh as well. What the answer
/// takes beyond the line's own delay tells how many bytes terminal and line take in a millisecond;
/// that makes the next frame's budget. Times are milliseconds of any steady clock; a frame's time
/// begins when its first byte is written, so that the work of encoding it is not the line's.
public struct FramePacer: Equatable, Sendable {
  /// How long a frame may keep the line busy: a moving one a fraction of the time between two
  /// frames that still look like movement, a settled one until a waiting eye notices.
  private static let busyTime = (moving: 70, settled: 560)
  /// Of so many frames the quickest tells the rate: terminal and line are never quicker than they
  /// are, but a machine with other work makes some answers late.
  private static let memory = 4
  /// Fewer bytes than this tell more about delays than about the rate.
  private static let leastMeasure = 4000
  /// The least budget of a moving frame: below it, pictures are no longer worth their place.
  private static let leastBudget = 8000
  /// A line that is this slow to answer is a remote one: it starts with this rate, 8 Mbit/s.
  private static let remote = (roundTrip: 40, rate: 1000.0)
  /// Frames in a row with this much room before the detail goes up, so that it does not swing.
  private static let patience = (frames: 4, room: 2)
  /// An answer is taken for lost when it takes a second longer than at this rate, 0.8 Mbit/s.
  private static let loss = (after: 1000, rate: 100)
  /// The distance of frames to a terminal that does not answer.
  private static let blindInterval = 50

  /// Whether frames shall ask for an answer.
  public let wantsAnswers: Bool
  /// Bytes per millisecond of the last frames, the oldest first.
  private var rates: [Double] = []
  /// Answers that were asked for and have not come.
  public private(set) var missingAnswers = 0
  /// Milliseconds from the last answered frame to its answer.
  public private(set) var lastRoundTrip: Int?
  private var leastRoundTrip: Int?
  /// What counts until a frame has been measured.
  private var assumedRate: Double?
  private var moving = Ladder(details: FrameDetail.moving)
  private var settled = Ladder(details: FrameDetail.settled)
  private var sentTime: Int?
  private var sentBytes = 0
  private var isUnderWay = false

  /// The details there are and the one in use.
  private struct Ladder: Equatable, Sendable {
    let details: [FrameDetail]
    var step = 0
    var roomyFrames = 0

    var detail: FrameDetail { details[step] }
  }

  /// Makes a pacer.
  ///
  /// - Parameters:
  ///   - answersQueries: whether the terminal answers; frames to one that does not are sent at a
  ///     fixed rate.
  ///   - roundTrip: milliseconds that an answer without a frame took.
  public init(answersQueries: Bool = true, roundTrip: Int? = nil) {
    wantsAnswers = answersQueries
    leastRoundTrip = roundTrip
    if let roundTrip, roundTrip >= Self.remote.roundTrip {
      assumedRate = Self.remote.rate
    }
  }

  // MARK: - When

  /// Whether a frame may be sent at this time; the caller keeps only the newest meanwhile.
  public func maySend(at now: Int) -> Bool { waitingTime(at: now) == 0 }

  /// How long a frame has to wait if no answer comes before.
  public func waitingTime(at now: Int) -> Int {
    guard let sentTime else { return 0 }
    if isUnderWay { return max(0, sentTime + Self.loss.after + sentBytes / Self.loss.rate - now) }
    return wantsAnswers ? 0 : max(0, sentTime + Self.blindInterval - now)
  }

  // MARK: - How much

  /// What frames should be worth now.
  public func detail(isMoving: Bool) -> FrameDetail { (isMoving ? moving : settled).detail }

  /// Bytes per millisecond; nil while nothing is known.
  public var rate: Double? { rates.max() ?? assumedRate }

  /// How many bytes a frame may have.
  public func budget(isMoving: Bool) -> Int {
    let busy = Double(isMoving ? Self.busyTime.moving : Self.busyTime.settled)
    return rate.map { max(Self.leastBudget, Int(min($0 * busy, 1e9))) } ?? .max
  }

  /// Goes on to the next cheaper detail, for a frame that is beyond the budget.
  ///
  /// - Returns: whether there is one.
  public mutating func makeCheaper(isMoving: Bool) -> Bool {
    change(isMoving) { ladder in
      guard ladder.step + 1 < ladder.details.count else { return false }
      ladder.step += 1
      return true
    }
  }

  // MARK: - What happened

  /// Records that a frame is on its way.
  public mutating func frameSent(at now: Int, bytes: Int, isMoving: Bool) {
    if isUnderWay {
      // The last answer was lost. Ask on, at a lower cost: the line may only be slow.
      rates.removeAll()
      measure(bytes: sentBytes, busy: now - (sentTime ?? now))
    }
    (sentTime, sentBytes) = (now, bytes)
    isUnderWay = wantsAnswers
    missingAnswers += wantsAnswers ? 1 : 0
    let hasRoom = bytes < budget(isMoving: isMoving) / Self.patience.room
    change(isMoving) { ladder in
      ladder.roomyFrames = hasRoom ? ladder.roomyFrames + 1 : 0
      guard ladder.roomyFrames >= Self.patience.frames, ladder.step > 0 else { return }
      ladder.roomyFrames = 0
      ladder.step -= 1
    }
  }

  /// Records the answer; one that nobody waits for is ignored.
  public mutating func frameAnswered(at now: Int) {
    missingAnswers = max(0, missingAnswers - 1)
    guard isUnderWay, let sentTime else { return }
    isUnderWay = false
    let roundTrip = max(0, now - sentTime)
    lastRoundTrip = roundTrip
    // Without anything to compare with, all of it counts.
    let busy = roundTrip - min(roundTrip, leastRoundTrip ?? 0)
    leastRoundTrip = min(roundTrip, leastRoundTrip ?? roundTrip)
    measure(bytes: sentBytes, busy: busy)
  }

  /// Forgets what is under way, after the terminal was given away and taken back.
  public mutating func reset() {
    isUnderWay = false
    sentTime = nil
  }

  private mutating func measure(bytes: Int, busy: Int) {
    guard bytes >= Self.leastMeasure else { return }
    if rates.count == Self.memory { rates.removeFirst() }
    // Less than a millisecond cannot be told from none.
    rates.append(Double(bytes) / Double(max(busy, 1)))
  }

  private mutating func change<Result>(
    _ isMoving: Bool, _ body: (inout Ladder) -> Result
  ) -> Result {
    isMoving ? body(&moving) : body(&settled)
  }
}
