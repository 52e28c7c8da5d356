import Foundation

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Writes bytes to a temporary file beside the target, syncs it and renames it into place.
  ///
  /// A symbolic link is followed and an existing file's permissions are kept. Targets that are no
  /// regular files, such as `/dev/stdout`, are written to directly. On failure the temporary file is
  /// removed and the target is as it was.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - path: The file to make or replace.
  ///   - isDurable: Whether the file must be there after a power cut too, which the disk takes time for.
  /// - Throws: `unwritable` with the system's reason.
  public static func write(
    _ bytes: some Collection<UInt8>, to path: String, isDurable: Bool = true
  ) throws(ImageFileError) {
    let written = bytes.withContiguousStorageIfAvailable {
      writeContiguous($0, to: path, isDurable: isDurable)
    }
    let result =
      written
      ?? Array(bytes).withUnsafeBufferPointer {
        writeContiguous($0, to: path, isDurable: isDurable)
      }
    if let reason = result { throw .unwritable(path: path, reason: reason) }
  }

  /// The same for what `fill` writes through a descriptor, in any order.
  ///
  /// - Parameters:
  ///   - path: The file to make or replace.
  ///   - isDurable: Whether the file must be there after a power cut too, which the disk takes time for.
  ///   - fill: Writes the file; returns the reason of a failure.
  /// - Throws: `unwritable` with the reason.
  package static func write(
    to path: String, isDurable: Bool = true, fill: (_ descriptor: Int32) -> String?
  ) throws(ImageFileError) {
    switch Target(path) {
    case .file(let target, let status):
      if let reason = replace(target, status, isDurable: isDurable, fill: fill) {
        throw .unwritable(path: path, reason: reason)
      }
    case .device:
      try write(bytes(path: path, fill: fill), to: path)
    case .folder:
      throw .unwritable(path: path, reason: folderReason)
    }
  }

  /// What `fill` writes through a descriptor, in any order.
  ///
  /// - Throws: `unwritable` with the reason.
  package static func bytes(
    path: String, fill: (_ descriptor: Int32) -> String?
  ) throws(ImageFileError) -> [UInt8] {
    guard let file = tmpfile() else { throw .unwritable(path: path, reason: systemReason()) }
    defer { fclose(file) }
    if let reason = fill(fileno(file)) { throw .unwritable(path: path, reason: reason) }
    return try FileContents.read("/dev/fd/\(fileno(file))")
  }

  /// What a path leads to.
  private enum Target {
    /// A regular file with its status, or the place for one.
    case file(String, stat?)
    case folder
    case device

    init(_ path: String) {
      let target = AtomicFile.resolvingLinks(path)
      var status = stat()
      guard stat(target, &status) == 0 else {
        self = .file(target, nil)
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: self = .folder
      case S_IFREG: self = .file(target, status)
      default: self = .device
      }
    }
  }

  private static let folderReason = "it is a folder"

  /// Returns the reason of a failure, nil when all went well.
  private static func writeContiguous(
    _ bytes: UnsafeBufferPointer<UInt8>, to path: String, isDurable: Bool
  ) -> String? {
    switch Target(path) {
    case .file(let target, let status):
      replace(target, status, isDurable: isDurable) { writeAll(bytes, to: $0) }
    case .device: writeDirectly(bytes, to: path)
    case .folder: folderReason
    }
  }

  /// Returns the reason of a failure, nil when all went well.
  private static func replace(
    _ target: String, _ status: stat?, isDurable: Bool, fill: (_ descriptor: Int32) -> String?
  ) -> String? {
    let folder = (target as NSString).deletingLastPathComponent
    let name = (target as NSString).lastPathComponent
    if name.isEmpty { return "it has no file name" }
    let temporary =
      (folder as NSString).appendingPathComponent(".\(name).\(UUID().uuidString.prefix(8)).tmp")
    let descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o666)
    if descriptor < 0 { return systemReason() }
    var reason: String?
    if let status, fchmod(descriptor, status.st_mode & 0o7777) != 0 { reason = systemReason() }
    reason = reason ?? fill(descriptor)
    if isDurable && reason == nil && fsync(descriptor) != 0 { reason = systemReason() }
    if close(descriptor) != 0 { reason = reason ?? systemReason() }
    if reason == nil && rename(temporary, target) != 0 { reason = systemReason() }
    if reason != nil {
      unlink(temporary)
    } else if isDurable {
      synchronize(folder: folder)
    }
    return reason
  }

  private static func writeDirectly(
    _ bytes: UnsafeBufferPointer<UInt8>, to path: String
  ) -> String? {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { return systemReason() }
    let reason = writeAll(bytes, to: descriptor)
    return close(descriptor) == 0 ? reason : reason ?? systemReason()
  }

  private static func writeAll(
    _ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32
  ) -> String? {
    var rest = UnsafeRawBufferPointer(bytes)
    while !rest.isEmpty {
      let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
      if written < 0 && errno == EINTR { continue }
      if written < 0 { return systemReason() }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    return nil
  }

  /// Makes files last through a power cut that were written one by one without it.
  ///
  /// The disk takes little longer for all of them than for one.
  ///
  /// - Throws: `unwritable` with the system's reason.
  package static func synchronize(files paths: [String]) throws(ImageFileError) {
    for path in paths {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      if descriptor < 0 { throw .unwritable(path: path, reason: systemReason()) }
      let reason = fsync(descriptor) == 0 ? nil : systemReason()
      close(descriptor)
      if let reason { throw .unwritable(path: path, reason: reason) }
    }
  }

  /// Makes a rename last through a power cut; a file system that cannot is left as it is.
  package static func synchronize(folder: String) {
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func resolvingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// Reads a whole file, refusing what no picture can be.
package enum FileContents {
  /// More than any picture within the limits takes.
  private static let maximumCount = 2 << 30

  /// The bytes of a file.
  ///
  /// - Throws: `unreadable` with the system's reason.
  package static func read(_ path: String) throws(ImageFileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemReason()) }
    defer { close(descriptor) }
    var status = stat()
    fstat(descriptor, &status)
    if status.st_mode & S_IFMT == S_IFDIR {
      throw .unreadable(path: path, reason: "it is a folder")
    }
    // A regular file usually fits, and the byte too many shows that it does.
    let expected = min(Int(status.st_size) + 1, maximumCount)
    var failure: String?
    var bytes = [UInt8](unsafeUninitializedCapacity: expected) { buffer, initialized in
      while initialized < buffer.count {
        let received = Foundation.read(
          descriptor, buffer.baseAddress.map { $0 + initialized }, buffer.count - initialized)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = systemReason() }
        if received <= 0 { return }
        initialized += received
      }
    }
    if let failure { throw .unreadable(path: path, reason: failure) }
    if bytes.count < expected { return bytes }
    let chunk = 1 << 20
    while true {
      let start = bytes.count
      var received = 0
      // Reading into the array's own tail keeps one copy of the file in memory.
      bytes.append(contentsOf: repeatElement(0, count: chunk))
      repeat {
        received = bytes.withUnsafeMutableBytes {
          Foundation.read(descriptor, $0.baseAddress.map { $0 + start }, chunk)
        }
      } while received < 0 && errno == EINTR
      bytes.removeLast(chunk - max(received, 0))
      if received < 0 { throw .unreadable(path: path, reason: systemReason()) }
      if received == 0 { return bytes }
      if bytes.count > maximumCount {
        throw .unreadable(path: path, reason: "it is larger than 2 GiB")
      }
    }
  }
}

/// The words of the last failed system call.
private func systemReason() -> String {
  String(cString: strerror(errno))
}
