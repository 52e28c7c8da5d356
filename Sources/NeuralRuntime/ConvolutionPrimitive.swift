import COneDNN

/// oneDNN's forward convolution for one band geometry.
///
/// The source and result are channels last, as the arena has them; the weights' order is left to the
/// library. For bf16 the source is copied into scratch memory right before, where the band still lies in the
/// cache. This file is the only one that knows version 2's operation descriptors.
final class ConvolutionPrimitive {
  let weightsDescriptor: dnnl_memory_desc_t
  private let implementation: String
  private let sourceDescriptor: dnnl_memory_desc_t
  private let resultDescriptor: dnnl_memory_desc_t
  /// What the primitive keeps in the beginning of the scratch memory while it runs.
  private let scratchDescriptor: dnnl_memory_desc_t
  private let scratchBytes: Int
  private let rounding: Rounding?
  private let handle: OpaquePointer

  /// A copy of the source in bf16.
  private struct Rounding {
    let reorder: Reorder
    let descriptor: dnnl_memory_desc_t
  }

  init(
    _ convolution: Convolution, _ band: Convolution.Band.Geometry, sourceWidth: Int,
    resultWidth: Int, engine: Engine
  ) throws(NeuralError) {
    let weights = convolution.weights
    let source = Shape(
      channels: weights.inputChannels, height: band.sourceRows, width: sourceWidth)
    let result = Shape(channels: weights.outputChannels, height: band.rows, width: resultWidth)
    sourceDescriptor = try dnnl_memory_desc_t(source)
    resultDescriptor = try dnnl_memory_desc_t(result)

    var type = convolution.factorType(engine.precision)
    var chosen = try Self.primitiveDescriptor(
      convolution, band, type, source: source, result: result, engine: engine)
    if chosen == nil && type != dnnl_f32 {
      type = dnnl_f32
      chosen = try Self.primitiveDescriptor(
        convolution, band, type, source: source, result: result, engine: engine)
    }
    guard let descriptor = chosen else {
      throw .library(operation: "choose an implementation for \(weights.name)", status: 0)
    }
    defer { dnnl_primitive_desc_destroy(descriptor) }

    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
    guard let wanted = dnnl_primitive_desc_query_md(descriptor, dnnl_query_weights_md, 0)
    else { throw .library(operation: "lay out the weights of \(weights.name)", status: 0) }
    weightsDescriptor = wanted.pointee
    guard let scratch = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0)
    else { throw .library(operation: "place the scratch of \(weights.name)", status: 0) }
    scratchDescriptor = scratch.pointee
    // What follows begins at a line of the cache.
    scratchBytes = (dnnl_memory_desc_get_size(scratch) + 63) / 64 * 64

    var primitive: OpaquePointer?
    try check(
      dnnl_primitive_create(&primitive, descriptor), "generate code for \(weights.name)")
    guard let primitive else { throw .library(operation: "generate code", status: 0) }
    handle = primitive

    if type == dnnl_f32 {
      rounding = nil
      engine.scratch.reserve(bytes: scratchBytes)
    } else {
      var rounded = try dnnl_memory_desc_t(source, type)
      rounding = Rounding(
        reorder: try Reorder(from: sourceDescriptor, to: rounded, engine: engine),
        descriptor: rounded)
      engine.scratch.reserve(bytes: scratchBytes + dnnl_memory_desc_get_size(&rounded))
    }
  }

  deinit { dnnl_primitive_destroy(handle) }

  /// The library's choice for a number format of source and weights; nil where it has none.
  private static func primitiveDescriptor(
    _ convolution: Convolution, _ band: Convolution.Band.Geometry, _ type: dnnl_data_type_t,
    source: Shape, result: Shape, engine: Engine
  ) throws(NeuralError) -> OpaquePointer? {
    let weights = convolution.weights
    var source = try dnnl_memory_desc_t(source, type)
    var result = try dnnl_memory_desc_t(result)
    var weight = try dnnl_memory_desc_t(weights.dimensions, dnnl_format_tag_any, type)
    var bias = try dnnl_memory_desc_t([weights.outputChannels], dnnl_a)
    let stride = Int64(convolution.stride)
    let dilation = Int64(convolution.dilation - 1)
    let padding = convolution.padding
    var descriptor = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_forward_desc_init(
        &descriptor, dnnl_forward_inference, dnnl_convolution_direct, &source, &weight, &bias,
        &result, [stride, stride], [dilation, dilation],
        [Int64(band.paddingTop), Int64(padding.left)],
        [Int64(band.paddingBottom), Int64(padding.right)]),
      "describe \(weights.name)")
    let attributes = try PrimitiveAttributes(activation: convolution.activation)
    var primitiveDescriptor: OpaquePointer?
    let status = dnnl_primitive_desc_create(
      &primitiveDescriptor, &descriptor, attributes.handle, engine.handle, nil)
    if status == dnnl_unimplemented { return nil }
    try check(status, "choose an implementation for \(weights.name)")
    return primitiveDescriptor
  }

  /// The primitive bound to its memory.
  func step(
    source: UnsafeMutablePointer<Float>, destination: UnsafeMutablePointer<Float>,
    weights: PreparedWeights, engine: Engine, gigaflops: Double
  ) throws(NeuralError) -> Step {
    let source = try Memory(sourceDescriptor, engine: engine, samples: source)
    let destination = try Memory(resultDescriptor, engine: engine, samples: destination)
    let rounded = try rounding.map { (rounding) throws(NeuralError) in
      try Memory(unplaced: rounding.descriptor, engine: engine)
    }
    let scratch = try Memory(unplaced: scratchDescriptor, engine: engine)
    let arguments = [
      dnnl_exec_arg_t(arg: chiaro_arg_src, memory: (rounded ?? source).handle),
      dnnl_exec_arg_t(arg: chiaro_arg_weights, memory: weights.weight.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_bias, memory: weights.bias.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_dst, memory: destination.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_scratchpad, memory: scratch.handle),
    ]
    return Step(implementation: implementation, gigaflops: gigaflops) {
      () throws(NeuralError) in
      // The memory objects live as long as the step that refers to their handles.
      try withExtendedLifetime((source, destination, weights)) { () throws(NeuralError) in
        try scratch.place(at: engine.scratch.start)
        if let rounded, let rounding = self.rounding {
          try rounded.place(at: engine.scratch.start + self.scratchBytes)
          try rounding.reorder.run(source, rounded, engine: engine)
        }
        try check(
          dnnl_primitive_execute(self.handle, engine.stream, Int32(arguments.count), arguments),
          "run a convolution")
      }
    }
  }
}

/// A convolution's weights in the order that its primitive wants, made once.
final class PreparedWeights {
  let weight: Memory
  let bias: Memory
  private var descriptor: dnnl_memory_desc_t

  init(
    _ weights: ConvolutionWeights, descriptor: dnnl_memory_desc_t, engine: Engine
  ) throws(NeuralError) {
    self.descriptor = descriptor
    weight = try Memory(descriptor, engine: engine, samples: nil)
    bias = try Memory(
      dnnl_memory_desc_t([weights.outputChannels], dnnl_a), engine: engine, samples: nil)
    bias.write(weights.bias)
    // dnnl_abcd is output, input, row, column.
    let plain = try dnnl_memory_desc_t(weights.dimensions, dnnl_abcd)
    try weights.weight.decoded().withUnsafeBufferPointer { (samples) throws(NeuralError) in
      // The library only reads from what is reordered.
      try Memory(
        plain, engine: engine, samples: UnsafeMutablePointer(mutating: samples.baseAddress)
      )
      .reorder(into: weight, engine: engine)
    }
  }

  /// Whether a primitive with this layout of weights can use these.
  func fits(_ other: dnnl_memory_desc_t) -> Bool {
    var other = other
    return dnnl_memory_desc_equal(&descriptor, &other) != 0
  }
}

extension Convolution {
  /// The number format of source and weights that is worth asking for.
  fileprivate func factorType(_ precision: Precision) -> dnnl_data_type_t {
    precision == .bfloat16 && profitsFromRounding ? dnnl_bf16 : dnnl_f32
  }

  /// Whether faster products outweigh rounding the source: a core rounds about 10⁹ samples in the time of
  /// 2·10¹¹ operations, half of which bf16 saves.
  private var profitsFromRounding: Bool {
    weights.kernelHeight * weights.kernelWidth * weights.outputChannels >= 256 * stride * stride
  }
}

extension ConvolutionWeights {
  fileprivate var dimensions: [Int] { [outputChannels, inputChannels, kernelHeight, kernelWidth] }
}

/// What a primitive does besides its main operation.
private final class PrimitiveAttributes {
  let handle: OpaquePointer

  init(activation: Activation) throws(NeuralError) {
    var attributes: OpaquePointer?
    let status = dnnl_primitive_attr_create(&attributes)
    guard status == dnnl_success, let attributes else {
      throw .library(operation: "create attributes", status: status.rawValue)
    }
    handle = attributes
    // The library's own scratch memory belongs to the thread that makes a primitive.
    try check(
      dnnl_primitive_attr_set_scratchpad_mode(handle, dnnl_scratchpad_mode_user),
      "place scratch memory")
    guard let (kind, alpha) = activation.algorithm else { return }
    var operations: OpaquePointer?
    try check(dnnl_post_ops_create(&operations), "create post-operations")
    defer { dnnl_post_ops_destroy(operations) }
    try check(
      dnnl_post_ops_append_eltwise(operations, 1, kind, alpha, 0), "fuse an activation")
    try check(dnnl_primitive_attr_set_post_ops(handle, operations), "fuse an activation")
  }

  deinit { dnnl_primitive_attr_destroy(handle) }
}
