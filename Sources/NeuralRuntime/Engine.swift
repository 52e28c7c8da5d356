import COneDNN

/// Throws when oneDNN did not succeed.
///
/// - Parameters:
///   - status: what the library returned.
///   - operation: what was asked for, for the message.
/// - Throws: `NeuralError.library`.
func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) throws(NeuralError) {
  guard status == dnnl_success else {
    throw .library(operation: operation(), status: status.rawValue)
  }
}

/// oneDNN's CPU engine with one in-order stream: where primitives are made and run.
public final class Engine {
  let handle: OpaquePointer
  let stream: OpaquePointer
  /// The threads that primitives and own kernels run on.
  public let threads: Threads
  /// What convolutions multiply in: `.float32` or `.bfloat16`.
  public let precision: Precision
  let kernels: ConvolutionKernels
  let scratch = Scratch()

  /// Opens the CPU engine.
  ///
  /// - Parameters:
  ///   - threads: the threads to use.
  ///   - precision: what convolutions multiply in; bf16 is slow on a CPU without it.
  /// - Throws: `NeuralError.libraryNotLoaded` or `.library`.
  public convenience init(
    threads: Threads = Threads(), precision: Precision = .float32
  ) throws(NeuralError) {
    try self.init(threads: threads, precision: precision, kernels: .best)
  }

  /// The same with own kernels for an instruction set that need not be the newest, for tests.
  package init(
    threads: Threads, precision: Precision, kernels: ConvolutionKernels
  ) throws(NeuralError) {
    if let failure = chiaro_onednn_failure() {
      throw .libraryNotLoaded(reason: String(cString: failure))
    }
    self.threads = threads
    self.precision = precision.resolved
    self.kernels = kernels
    threads.bind()
    var engine: OpaquePointer?
    try check(dnnl_engine_create(&engine, dnnl_cpu, 0), "open the CPU engine")
    guard let engine else { throw .library(operation: "open the CPU engine", status: 0) }
    var stream: OpaquePointer?
    let status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue)
    guard status == dnnl_success, let stream else {
      dnnl_engine_destroy(engine)
      throw .library(operation: "open a stream", status: status.rawValue)
    }
    self.handle = engine
    self.stream = stream
  }

  deinit {
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(handle)
  }

  /// The library's version, as `doctor` shows it.
  public static var libraryVersion: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// The widest instruction set the library uses on this CPU.
  public static var instructionSet: String {
    let isa = dnnl_get_effective_cpu_isa()
    let names: [(dnnl_cpu_isa_t, String)] = [
      (dnnl_cpu_isa_sse41, "SSE4.1"), (dnnl_cpu_isa_avx, "AVX"), (dnnl_cpu_isa_avx2, "AVX2"),
      (dnnl_cpu_isa_avx2_vnni, "AVX2 VNNI"), (dnnl_cpu_isa_avx512_core, "AVX-512"),
      (dnnl_cpu_isa_avx512_core_vnni, "AVX-512 VNNI"),
      (dnnl_cpu_isa_avx512_core_bf16, "AVX-512 BF16"),
      (dnnl_cpu_isa_avx512_core_amx, "AVX-512 AMX"),
    ]
    return names.first { $0.0 == isa }?.1 ?? "unknown"
  }
}

/// A oneDNN memory object over samples that somebody else owns.
final class Memory {
  let handle: OpaquePointer
  private let owned: AlignedBuffer?

  /// Describes `samples`, which must outlive the object, or own new ones when nil.
  init(
    _ descriptor: dnnl_memory_desc_t, engine: Engine, samples: UnsafeMutablePointer<Float>?
  ) throws(NeuralError) {
    var descriptor = descriptor
    owned =
      samples == nil
      ? try AlignedBuffer(
        count: dnnl_memory_desc_get_size(&descriptor) / MemoryLayout<Float>.stride)
      : nil
    var memory: OpaquePointer?
    let data = UnsafeMutableRawPointer(samples ?? owned?.samples)
    let status = dnnl_memory_create(&memory, &descriptor, engine.handle, data)
    guard status == dnnl_success, let memory else {
      throw .library(operation: "describe memory", status: status.rawValue)
    }
    handle = memory
  }

  /// Describes memory whose place is told before each use.
  init(unplaced descriptor: dnnl_memory_desc_t, engine: Engine) throws(NeuralError) {
    var descriptor = descriptor
    owned = nil
    var memory: OpaquePointer?
    let status = dnnl_memory_create(&memory, &descriptor, engine.handle, nil)
    guard status == dnnl_success, let memory else {
      throw .library(operation: "describe memory", status: status.rawValue)
    }
    handle = memory
  }

  /// Tells where the samples are.
  func place(at start: UnsafeMutableRawPointer) throws(NeuralError) {
    try check(dnnl_memory_set_data_handle(handle, start), "place memory")
  }

  deinit { dnnl_memory_destroy(handle) }
}

extension dnnl_memory_desc_t {
  /// Describes memory of the logical `dimensions` in the order of `tag`.
  init(
    _ dimensions: [Int], _ tag: dnnl_format_tag_t, _ type: dnnl_data_type_t = dnnl_f32
  ) throws(NeuralError) {
    self.init()
    let status = dnnl_memory_desc_init_by_tag(
      &self, Int32(dimensions.count), dimensions.map(Int64.init), type, tag)
    try check(status, "describe memory of \(dimensions)")
  }

  /// Describes a picture, channels last.
  init(_ shape: Shape, _ type: dnnl_data_type_t = dnnl_f32) throws(NeuralError) {
    // dnnl_acdb is N,H,W,C.
    try self.init([1, shape.channels, shape.height, shape.width], dnnl_acdb, type)
  }
}

extension Memory {
  /// Copies `samples` to the beginning of memory that the object owns.
  func write(_ values: [Float]) {
    precondition(owned != nil && values.count <= owned?.count ?? 0, "values fit into owned memory")
    owned?.samples.update(from: values, count: values.count)
  }

  /// Copies the content into another order or number format.
  func reorder(into target: Memory, engine: Engine) throws(NeuralError) {
    var from: UnsafePointer<dnnl_memory_desc_t>?
    var to: UnsafePointer<dnnl_memory_desc_t>?
    try check(dnnl_memory_get_memory_desc(handle, &from), "query memory")
    try check(dnnl_memory_get_memory_desc(target.handle, &to), "query memory")
    guard let from, let to else { throw .library(operation: "query memory", status: 0) }
    let reorder = try Reorder(from: from.pointee, to: to.pointee, engine: engine)
    try reorder.run(self, target, engine: engine)
    try check(dnnl_stream_wait(engine.stream), "reorder weights")
  }
}

/// oneDNN's copy from one order or number format to another.
final class Reorder {
  private let handle: OpaquePointer

  init(
    from source: dnnl_memory_desc_t, to result: dnnl_memory_desc_t, engine: Engine
  ) throws(NeuralError) {
    var (source, result) = (source, result)
    var descriptor: OpaquePointer?
    try check(
      dnnl_reorder_primitive_desc_create(
        &descriptor, &source, engine.handle, &result, engine.handle, nil),
      "describe a reorder")
    defer { dnnl_primitive_desc_destroy(descriptor) }
    var primitive: OpaquePointer?
    try check(dnnl_primitive_create(&primitive, descriptor), "create a reorder")
    guard let primitive else { throw .library(operation: "create a reorder", status: 0) }
    handle = primitive
  }

  deinit { dnnl_primitive_destroy(handle) }

  /// Copies; what was placed must be as the reorder was made for.
  func run(_ source: Memory, _ result: Memory, engine: Engine) throws(NeuralError) {
    let arguments = [
      dnnl_exec_arg_t(arg: chiaro_arg_from, memory: source.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_to, memory: result.handle),
    ]
    try check(
      dnnl_primitive_execute(handle, engine.stream, Int32(arguments.count), arguments),
      "reorder")
  }
}
