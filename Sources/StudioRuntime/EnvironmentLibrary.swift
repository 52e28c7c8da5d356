import Imaging
import Shading
import StudioFiles
import Synchronization

/// Prepares environment maps once and keeps them.
public final class EnvironmentLibrary: Sendable {
  private let assets: AssetFolder
  private let maps = Mutex<[String: EnvironmentMap]>([:])

  /// A library over the bundled environments; other names are paths.
  public init(assets: AssetFolder) {
    self.assets = assets
  }

  /// The map that the look's environment names, nil when it is switched off.
  ///
  /// - Throws: `StudioFilesError` for an unknown name, `ImageFileError` for an unreadable file.
  public func map(for settings: EnvironmentSettings) throws -> EnvironmentMap? {
    settings.isOn ? try map(named: settings.name) : nil
  }

  /// The map of a bundled name or a path to a `.hdr` or `.exr` file.
  ///
  /// - Throws: `StudioFilesError` for an unknown name, `ImageFileError` for an unreadable file.
  public func map(named name: String) throws -> EnvironmentMap {
    if let map = maps.withLock({ $0[name] }) { return map }
    let image = try ImageFile.readEnvironment(at: assets.environmentPath(named: name))
    let map = EnvironmentMap(image: image)
    maps.withLock { $0[name] = map }
    return map
  }
}
