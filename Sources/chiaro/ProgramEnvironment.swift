import Decomposition
import Foundation
import StudioFiles
import StudioRuntime

/// Where the program finds what it brings along.
struct ProgramEnvironment {
  /// Assets, themes and the user's files.
  let assets: AssetFolder
  private let variables: [String: String]

  /// Looks for the assets.
  ///
  /// - Throws: `StudioFilesError.noAssets`.
  init() throws(StudioFilesError) {
    variables = ProcessInfo.processInfo.environment
    let program =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    assets = try AssetFolder.locate(executablePath: program, environment: variables)
  }

  /// The folder of the weights: `CHIARO_MODELS`, or the bundled one.
  var modelsPath: String {
    guard let chosen = variables["CHIARO_MODELS"], !chosen.isEmpty else {
      return assets.modelsPath
    }
    return chosen
  }

  /// The portrait that is opened when none is named.
  var bundledPortrait: String { assets.path("portraits/sample.png") }

  /// Where sessions leave what outlives them.
  var sessions: SessionFolder {
    SessionFolder(path: SessionFolder.userFolder(environment: variables))
  }

  /// Where decompositions are kept.
  var cache: DecompositionCache {
    DecompositionCache(folder: DecompositionCache.userFolder(environment: variables))
  }

  /// Where prepared environments are kept.
  var environmentCache: EnvironmentCache {
    EnvironmentCache(folder: EnvironmentCache.userFolder(environment: variables))
  }
}
