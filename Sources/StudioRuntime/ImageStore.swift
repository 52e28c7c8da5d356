import Imaging
import Synchronization
import TerminalCells

/// The pixels behind the identifiers in the state; old ones are forgotten.
public final class ImageStore: Sendable {
  private struct Contents {
    var nextNumber = 1
    var images: [(identifier: ImageIdentifier, image: DisplayImage)] = []
  }

  /// The one on show, the one on its way and one that a stale frame may still name.
  private static let keptImages = 3
  private let contents = Mutex(Contents())

  /// An empty store.
  public init() {}

  /// Keeps a picture under a new identifier.
  public func insert(_ image: DisplayImage) -> ImageIdentifier {
    contents.withLock { contents in
      let identifier = ImageIdentifier(contents.nextNumber)
      contents.nextNumber += 1
      contents.images.append((identifier, image))
      if contents.images.count > Self.keptImages { contents.images.removeFirst() }
      return identifier
    }
  }

  /// The picture, nil when it was forgotten.
  public subscript(identifier: ImageIdentifier) -> DisplayImage? {
    contents.withLock { $0.images.first { $0.identifier == identifier }?.image }
  }
}
