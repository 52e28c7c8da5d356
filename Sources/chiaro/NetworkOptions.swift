import ArgumentParser
import NeuralRuntime

/// How the networks run, for every command that runs them.
struct NetworkOptions: ParsableArguments {
  @Option(help: "The most threads the networks use; all cores by default.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "What the networks multiply in: f32, bf16 (faster on some CPUs), or auto, which knows them.",
      valueName: "auto|f32|bf16"))
  var precision = Precision.automatic

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads takes a number from 1 up") }
    if precision == .bfloat16, !Precision.hasBFloat16 {
      throw ValidationError("this CPU does not multiply bf16; use --precision auto or f32")
    }
  }
}

extension Precision: ExpressibleByArgument {}
