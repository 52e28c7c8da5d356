import Imaging
import Synchronization
import TerminalCells
import TerminalGraphics

/// The pixels behind the identifiers in the state; old ones are forgotten.
public final class ImageStore: Sendable {
  private struct Contents {
    var nextNumber = 1
    var images: [(identifier: ImageIdentifier, picture: StoredPicture)] = []
  }

  /// The one on show, the one on its way and one that a stale frame may still name.
  private static let keptImages = 3
  private let contents = Mutex(Contents())

  /// An empty store.
  public init() {}

  /// Keeps a picture under a new identifier.
  func insert(_ picture: StoredPicture) -> ImageIdentifier {
    contents.withLock { contents in
      let identifier = ImageIdentifier(contents.nextNumber)
      contents.nextNumber += 1
      contents.images.append((identifier, picture))
      if contents.images.count > Self.keptImages { contents.images.removeFirst() }
      return identifier
    }
  }

  /// The pixels, nil when they were forgotten.
  public subscript(identifier: ImageIdentifier) -> DisplayImage? { picture(identifier)?.image }

  /// The picture, nil when it was forgotten.
  func picture(_ identifier: ImageIdentifier) -> StoredPicture? {
    contents.withLock { $0.images.first { $0.identifier == identifier }?.picture }
  }
}

/// A picture and what was made of it away from the keys.
struct StoredPicture: Sendable {
  var image: DisplayImage
  /// Divided into cells, where the terminal shows no pixels and the picture stands still.
  var cells: CellPicture?
}
