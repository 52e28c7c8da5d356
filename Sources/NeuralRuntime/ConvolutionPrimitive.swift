import COneDNN

/// oneDNN's forward convolution for one band geometry.
///
/// The source and result are channels last, as the arena has them; the weights' order is left to the
/// library. With bf16, the source is rounded into scratch memory right before, where the band still lies in
/// the cache; sums and results are Float32. This file is the only one that knows version 2's operation descriptors.
final class ConvolutionPrimitive {
  let weightsDescriptor: dnnl_memory_desc_t
  private let implementation: String
  private let sourceDescriptor: dnnl_memory_desc_t
  private let rounding: (reorder: Reorder, descriptor: dnnl_memory_desc_t)?
  private let resultDescriptor: dnnl_memory_desc_t
  private let handle: OpaquePointer

  init(
    _ convolution: Convolution, _ band: Convolution.Band.Geometry, sourceWidth: Int,
    resultWidth: Int, engine: Engine
  ) throws(NeuralError) {
    let weights = convolution.weights
    let isRounded = engine.precision == .bfloat16 && convolution.profitsFromRounding
    let type = isRounded ? dnnl_bf16 : dnnl_f32
    let sourceShape = Shape(
      channels: weights.inputChannels, height: band.sourceRows, width: sourceWidth)
    var source = try dnnl_memory_desc_t(sourceShape, type)
    var result = try dnnl_memory_desc_t(
      Shape(channels: weights.outputChannels, height: band.rows, width: resultWidth))
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
    try check(
      dnnl_primitive_desc_create(
        &primitiveDescriptor, &descriptor, attributes.handle, engine.handle, nil),
      "choose an implementation for \(weights.name)")
    defer { dnnl_primitive_desc_destroy(primitiveDescriptor) }

    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(primitiveDescriptor, dnnl_query_impl_info_str, 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
    guard
      let chosen = dnnl_primitive_desc_query_md(primitiveDescriptor, dnnl_query_weights_md, 0)
    else { throw .library(operation: "lay out the weights of \(weights.name)", status: 0) }
    weightsDescriptor = chosen.pointee
    sourceDescriptor = try dnnl_memory_desc_t(sourceShape)
    resultDescriptor = result
    rounding =
      isRounded
      ? (try Reorder(from: sourceDescriptor, to: source, engine: engine), source) : nil
    if isRounded { engine.scratch.reserve(bytes: dnnl_memory_desc_get_size(&source)) }

    var primitive: OpaquePointer?
    try check(
      dnnl_primitive_create(&primitive, primitiveDescriptor), "generate code for \(weights.name)")
    guard let primitive else { throw .library(operation: "generate code", status: 0) }
    handle = primitive
  }

  deinit { dnnl_primitive_destroy(handle) }

  /// The primitive bound to its memory.
  func step(
    source: UnsafeMutablePointer<Float>, destination: UnsafeMutablePointer<Float>,
    weights: PreparedWeights, engine: Engine, gigaflops: Double
  ) throws(NeuralError) -> Step {
    let source = try Memory(sourceDescriptor, engine: engine, samples: source)
    let destination = try Memory(resultDescriptor, engine: engine, samples: destination)
    var rounded: (reorder: Reorder, memory: Memory)?
    if let rounding {
      rounded = (
        rounding.reorder, try Memory(unplaced: rounding.descriptor, engine: engine)
      )
    }
    let arguments = [
      dnnl_exec_arg_t(arg: chiaro_arg_src, memory: (rounded?.memory ?? source).handle),
      dnnl_exec_arg_t(arg: chiaro_arg_weights, memory: weights.weight.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_bias, memory: weights.bias.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_dst, memory: destination.handle),
    ]
    return Step(implementation: implementation, gigaflops: gigaflops) { () throws(NeuralError) in
      // The memory objects live as long as the step that refers to their handles.
      try withExtendedLifetime((source, destination, weights)) { () throws(NeuralError) in
        if let rounded {
          try rounded.memory.place(at: engine.scratch.start)
          try rounded.reorder.run(source, rounded.memory, engine: engine)
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
    // dnnl_abcd is output, input, row, column.
    let plain = try Memory(
      dnnl_memory_desc_t(weights.dimensions, dnnl_abcd), engine: engine, samples: nil)
    plain.write(weights.weight)
    bias.write(weights.bias)
    try plain.reorder(into: weight, engine: engine)
  }

  /// Whether a primitive with this layout of weights can use these.
  func fits(_ other: dnnl_memory_desc_t) -> Bool {
    var other = other
    return dnnl_memory_desc_equal(&descriptor, &other) != 0
  }
}

extension Convolution {
  /// Whether faster products outweigh rounding the source: a core rounds about 10⁹ samples in the time of
  /// 2·10¹¹ operations, half of which bf16 saves.
  fileprivate var profitsFromRounding: Bool {
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
