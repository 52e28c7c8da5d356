import Imaging
import Shading
import StudioFiles
import Synchronization

/// Prepares environment maps once and keeps them, in memory and where wanted in files.
public final class EnvironmentLibrary: Sendable {
  private let assets: AssetFolder
  private let cache: EnvironmentCache?
  private let maps = Mutex<[String: EnvironmentMap]>([:])

  /// A library over the bundled environments; other names are paths.
  ///
  /// - Parameters:
  ///   - assets: The bundled environments.
  ///   - cache: Where earlier maps are; nil to prepare each one anew.
  public init(assets: AssetFolder, cache: EnvironmentCache? = nil) {
    self.assets = assets
    self.cache = cache
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
    let map = try prepared(path: assets.environmentPath(named: name))
    maps.withLock { $0[name] = map }
    return map
  }

  private func prepared(path: String) throws -> EnvironmentMap {
    guard let cache else {
      return EnvironmentMap(image: try ImageFile.readEnvironment(at: path))
    }
    let bytes = try FileContents.read(path)
    let key = EnvironmentCache.key(picture: bytes)
    if let map = cache.map(for: key) { return map }
    let map = EnvironmentMap(image: try ImageFile.environment(from: bytes, path: path))
    cache.store(map, for: key)
    return map
  }
}
