import Foundation
import PackagePlugin

/// Unpacks the face detector of the dlib that is installed into a source of the target.
///
/// The unpacker is no target of its own: SwiftPM would compile it anew in every build.
@main struct UnpackedDetector: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let unpacker = context.package.directoryURL
      .appending(path: "Sources/UnpackedDetector/unpack_detector.cpp")
    let program = context.pluginWorkDirectoryURL.appending(path: "unpack_detector")
    let source = context.pluginWorkDirectoryURL.appending(path: "FrontalFaces.swift")
    let script = #""$0" -std=c++17 -O1 "$1" -ldlib -lblas -llapack -o "$2" && "$2" "$3""#
    return [
      .buildCommand(
        displayName: "Unpacking dlib's face detector",
        executable: URL(filePath: "/bin/sh"),
        arguments: [
          "-c", script, try context.tool(named: "clang++").url.path, unpacker.path, program.path,
          source.path,
        ], inputFiles: [unpacker], outputFiles: [source])
    ]
  }
}
