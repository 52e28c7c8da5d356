import Foundation
import Imaging
import RenderPasses
import Shading
import Studio
import StudioFiles

extension EffectRunner {
  private func picture(
    _ look: Look, path: String, isCancelled: () -> Bool
  ) throws -> FinishedPicture {
    try FinishedPicture(
      portrait: requirePortrait(), look: look,
      environment: environments.map(for: look.rig.environment), isCropOnly: false,
      bitDepth: FinishedPicture.bitDepth(forFileAt: path), isCancelled: isCancelled)
  }

  /// Writes what a request asks for, after what was asked for before.
  func save(_ request: SaveRequest) {
    let cancellation = document.withLock { $0.saveCancellation }
    let path = request.path
    files.async {
      do {
        if cancellation.isCancelled { throw StudioRuntimeError.cancelled }
        let target = self.target(of: request)
        if !request.replaces, FileManager.default.fileExists(atPath: target) {
          self.mailbox.post(.saveWouldReplace(request))
          return
        }
        let saved = try self.write(request, to: target) { cancellation.isCancelled }
        self.mailbox.post(.saved(path: path, look: saved))
      } catch StudioRuntimeError.cancelled, PassError.cancelled {
        self.mailbox.post(.saveCancelled(path: path))
      } catch {
        self.mailbox.post(
          .saveFailed(path: path, message: ErrorSentences.sentence(for: error)))
      }
    }
  }

  /// The file a request is about: materials and rigs go among the user's own, by name.
  private func target(of request: SaveRequest) -> String {
    switch request.content {
    case .picture, .passes, .look, .turntable, .contactSheet: request.path
    case .material: assets.userPath(of: .material, named: request.path)
    case .rig: assets.userPath(of: .rig, named: request.path)
    }
  }

  /// Writes a file and returns the look that is safe now, if it holds one.
  private func write(
    _ request: SaveRequest, to path: String, isCancelled: @escaping @Sendable () -> Bool
  ) throws -> Look? {
    switch request.content {
    case .picture(let look):
      try picture(look, path: path, isCancelled: isCancelled).save(to: path)
      return look
    case .passes:
      try requirePortrait().savePasses(to: path, isCancelled: isCancelled)
    case .look(let look):
      try AtomicFile.write(Array(LookFile.text(of: look).utf8), to: path)
      return look
    case .turntable(let look, let turntable):
      var pictures = try self.pictures(look, turntable)
      try pictures.write(
        to: path, isCancelled: isCancelled, progress: progressReport(request.path))
    case .contactSheet(let look, let turntable):
      var pictures = try self.pictures(look, turntable)
      try pictures.writeSheet(
        to: path, isCancelled: isCancelled, progress: progressReport(request.path))
    case .material(let material):
      try keep(MaterialFile.text(of: material), at: path)
    case .rig(var rig):
      rig.name = request.path
      try keep(RigFile.text(of: rig), at: path)
    }
    return nil
  }

  private func pictures(_ look: Look, _ turntable: Turntable) throws -> TurntablePictures {
    TurntablePictures(
      portrait: try requirePortrait(), look: look, turntable: turntable,
      environment: try environments.map(for: look.rig.environment))
  }

  private func progressReport(_ path: String) -> (Double) -> Void {
    { self.mailbox.post(.saveProgress(path: path, fraction: $0)) }
  }

  /// Writes a file among the user's own and lists what can be picked anew.
  private func keep(_ text: String, at path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try AtomicFile.write(Array(text.utf8), to: path)
    mailbox.post(.libraryListed(try assets.library()))
  }
}
