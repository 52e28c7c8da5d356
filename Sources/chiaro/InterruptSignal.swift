import Dispatch
import Glibc
import StudioRuntime

/// Turns Ctrl-C and termination into a flag, so that no command leaves half a file behind.
final class InterruptSignal {
  /// Raised once one of the signals has come.
  let flag = CancellationFlag()
  private let sources: [any DispatchSourceSignal]

  init() {
    let flag = flag
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { flag.cancel() }
      source.resume()
      return source
    }
  }
}
