/// Decides when the next frame may be sent and how much it may cost.
///
/// One frame is under way at a time. Its answer comes back when the terminal has drawn it, so
/// the queue never grows and keys never wait behind pictures, over ssh as well. The round trip
/// chooses the step: cheaper frames when it is long, better ones when it is short again.
/// Times are milliseconds of any steady clock.
public struct FramePacer: Equatable, Sendable {
  /// What frames cost while something moves.
  public enum Step: Int, Comparable, CaseIterable, Sendable {
    /// Runs stretched a little.
    case fine
    /// Runs stretched visibly.
    case plain
    /// Half the pixels each way.
    case coarse

    /// Orders from fine to coarse.
    public static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }

    /// How the encoder treats pixels.
    public var quality: FrameQuality {
      switch self {
      case .fine: .draft(tolerance: 100)
      case .plain: .draft(tolerance: 200)
      case .coarse: .draft(tolerance: 400)
      }
    }

    /// By how much the picture may be rendered smaller, and is enlarged by repeating pixels.
    public var reduction: Int { self == .coarse ? 2 : 1 }
  }

  /// Above this round trip frames become cheaper: a hand notices.
  private static let longRoundTrip = 50
  /// Below this one they become better.
  private static let shortRoundTrip = 20
  /// Good answers in a row before a step up, so that the picture does not swing.
  private static let patience = 6
  /// An answer that takes longer is taken for lost.
  private static let lossAfter = 1000
  /// The distance of frames to a terminal that does not answer.
  private static let blindInterval = 100

  /// What moving frames may cost now.
  public private(set) var step: Step = .fine
  /// Milliseconds from the last answered frame to its answer.
  public private(set) var lastRoundTrip: Int?
  private var asksForAnswers: Bool
  private var sentAt: Int?
  private var isUnderWay = false
  private var shortAnswers = 0

  /// Makes a pacer.
  /// - Parameter answersQueries: whether the terminal answers; frames to one that does not are
  ///   sent at a fixed rate.
  public init(answersQueries: Bool = true) { asksForAnswers = answersQueries }

  /// Whether frames shall ask for an answer.
  public var wantsAnswers: Bool { asksForAnswers }

  /// Whether a frame may be sent at this time; the caller keeps only the newest meanwhile.
  public func maySend(at now: Int) -> Bool { waitingTime(at: now) == 0 }

  /// How long a frame has to wait if no answer comes before.
  public func waitingTime(at now: Int) -> Int {
    guard let sentAt else { return 0 }
    if isUnderWay { return max(0, sentAt + Self.lossAfter - now) }
    return asksForAnswers ? 0 : max(0, sentAt + Self.blindInterval - now)
  }

  /// Records that a frame is on its way.
  public mutating func frameSent(at now: Int) {
    if isUnderWay {
      // The last answer was lost. Ask on, at the lowest cost: the link may only be slow.
      step = .coarse
      shortAnswers = 0
    }
    sentAt = now
    isUnderWay = asksForAnswers
  }

  /// Records the answer; one that nobody waits for is ignored.
  public mutating func frameAnswered(at now: Int) {
    guard isUnderWay, let sentAt else { return }
    isUnderWay = false
    let roundTrip = max(0, now - sentAt)
    lastRoundTrip = roundTrip
    if roundTrip > Self.longRoundTrip {
      shortAnswers = 0
      step = Step(rawValue: step.rawValue + 1) ?? .coarse
    } else if roundTrip < Self.shortRoundTrip {
      shortAnswers += 1
      if shortAnswers >= Self.patience {
        shortAnswers = 0
        step = Step(rawValue: step.rawValue - 1) ?? .fine
      }
    } else {
      shortAnswers = 0
    }
  }

  /// Forgets what is under way, after the terminal was given away and taken back.
  public mutating func reset() {
    isUnderWay = false
    sentAt = nil
  }
}
