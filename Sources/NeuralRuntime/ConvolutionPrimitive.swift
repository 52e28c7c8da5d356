import COneDNN

/// How oneDNN is asked to compute a convolution.
enum ConvolutionForm {
  /// Sums of products of Float32.
  case direct
  /// Sums in Float32 of products of bf16.
  case rounded
  /// Fewer products by Winograd's minimal filtering (Lavin and Gray 2016).
  case winograd

  var algorithm: dnnl_alg_kind_t {
    self == .winograd ? dnnl_convolution_winograd : dnnl_convolution_direct
  }

  /// The number format of source and weights.
  var type: dnnl_data_type_t { self == .rounded ? dnnl_bf16 : dnnl_f32 }

  /// The order of the source: channels last, or for Winograd blocks of sixteen channels.
  var sourceTag: dnnl_format_tag_t { self == .winograd ? dnnl_aBcd16b : dnnl_acdb }
}

/// oneDNN's forward convolution for one band geometry.
///
/// The source and result are channels last, as the arena has them; the weights' order is left to the
/// library. What a form wants otherwise is copied into scratch memory right before and out of it right after,
/// where the band still lies in the cache. This file is the only one that knows version 2's operation
/// descriptors.
final class ConvolutionPrimitive {
  let weightsDescriptor: dnnl_memory_desc_t
  private let implementation: String
  private let sourceDescriptor: dnnl_memory_desc_t
  private let resultDescriptor: dnnl_memory_desc_t
  private let sourceCopy: Copy?
  private let resultCopy: Copy?
  private let handle: OpaquePointer

  /// A copy between the arena's order and the primitive's.
  private struct Copy {
    let reorder: Reorder
    /// The primitive's order.
    let descriptor: dnnl_memory_desc_t

    /// The bytes of the copy, up to the next cache line.
    var bytes: Int {
      var descriptor = descriptor
      return (dnnl_memory_desc_get_size(&descriptor) + 63) / 64 * 64
    }
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

    var chosen: (form: ConvolutionForm, descriptor: OpaquePointer)?
    for form in convolution.forms(result, precision: engine.precision) where chosen == nil {
      chosen = try Self.primitiveDescriptor(
        convolution, band, form, source: source, result: result, engine: engine
      ).map { (form, $0) }
    }
    guard let (form, descriptor) = chosen else {
      throw .library(operation: "choose an implementation for \(weights.name)", status: 0)
    }
    defer { dnnl_primitive_desc_destroy(descriptor) }

    var name: UnsafePointer<CChar>?
    dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name)
    implementation = name.map { String(cString: $0) } ?? "unknown"
    guard let wanted = dnnl_primitive_desc_query_md(descriptor, dnnl_query_weights_md, 0)
    else { throw .library(operation: "lay out the weights of \(weights.name)", status: 0) }
    weightsDescriptor = wanted.pointee

    var primitive: OpaquePointer?
    try check(
      dnnl_primitive_create(&primitive, descriptor), "generate code for \(weights.name)")
    guard let primitive else { throw .library(operation: "generate code", status: 0) }
    handle = primitive

    let sourceInForm = try dnnl_memory_desc_t(source, form.type, form.sourceTag)
    let resultInForm = try dnnl_memory_desc_t(result, dnnl_f32, form.sourceTag)
    sourceCopy =
      form == .direct
      ? nil
      : Copy(
        reorder: try Reorder(from: sourceDescriptor, to: sourceInForm, engine: engine),
        descriptor: sourceInForm)
    resultCopy =
      form == .winograd
      ? Copy(
        reorder: try Reorder(from: resultInForm, to: resultDescriptor, engine: engine),
        descriptor: resultInForm) : nil
    engine.scratch.reserve(bytes: (sourceCopy?.bytes ?? 0) + (resultCopy?.bytes ?? 0))
  }

  deinit { dnnl_primitive_destroy(handle) }

  /// The library's choice for a form; nil where it has none, which may be for all but `direct`.
  private static func primitiveDescriptor(
    _ convolution: Convolution, _ band: Convolution.Band.Geometry, _ form: ConvolutionForm,
    source: Shape, result: Shape, engine: Engine
  ) throws(NeuralError) -> OpaquePointer? {
    let weights = convolution.weights
    var source = try dnnl_memory_desc_t(source, form.type, form.sourceTag)
    var result = try dnnl_memory_desc_t(result, dnnl_f32, form.sourceTag)
    var weight = try dnnl_memory_desc_t(weights.dimensions, dnnl_format_tag_any, form.type)
    var bias = try dnnl_memory_desc_t([weights.outputChannels], dnnl_a)
    let stride = Int64(convolution.stride)
    let dilation = Int64(convolution.dilation - 1)
    let padding = convolution.padding
    var descriptor = dnnl_convolution_desc_t()
    try check(
      dnnl_dilated_convolution_forward_desc_init(
        &descriptor, dnnl_forward_inference, form.algorithm, &source, &weight, &bias,
        &result, [stride, stride], [dilation, dilation],
        [Int64(band.paddingTop), Int64(padding.left)],
        [Int64(band.paddingBottom), Int64(padding.right)]),
      "describe \(weights.name)")
    let attributes = try PrimitiveAttributes(activation: convolution.activation)
    var primitiveDescriptor: OpaquePointer?
    let status = dnnl_primitive_desc_create(
      &primitiveDescriptor, &descriptor, attributes.handle, engine.handle, nil)
    if status == dnnl_unimplemented && form != .direct { return nil }
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
    var copiedSource: Memory?
    if let sourceCopy {
      copiedSource = try Memory(unplaced: sourceCopy.descriptor, engine: engine)
    }
    var copiedResult: Memory?
    if let resultCopy {
      copiedResult = try Memory(unplaced: resultCopy.descriptor, engine: engine)
    }
    let arguments = [
      dnnl_exec_arg_t(arg: chiaro_arg_src, memory: (copiedSource ?? source).handle),
      dnnl_exec_arg_t(arg: chiaro_arg_weights, memory: weights.weight.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_bias, memory: weights.bias.handle),
      dnnl_exec_arg_t(arg: chiaro_arg_dst, memory: (copiedResult ?? destination).handle),
    ]
    return Step(implementation: implementation, gigaflops: gigaflops) {
      [copiedSource, copiedResult] () throws(NeuralError) in
      // The memory objects live as long as the step that refers to their handles.
      try withExtendedLifetime((source, destination, weights)) { () throws(NeuralError) in
        if let copiedSource, let sourceCopy = self.sourceCopy {
          try copiedSource.place(at: engine.scratch.start)
          try sourceCopy.reorder.run(source, copiedSource, engine: engine)
        }
        if let copiedResult {
          try copiedResult.place(at: engine.scratch.start + (self.sourceCopy?.bytes ?? 0))
        }
        try check(
          dnnl_primitive_execute(self.handle, engine.stream, Int32(arguments.count), arguments),
          "run a convolution")
        if let copiedResult, let resultCopy = self.resultCopy {
          try resultCopy.reorder.run(copiedResult, destination, engine: engine)
        }
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
  /// The forms worth asking for, the fastest first; `direct` is always there.
  fileprivate func forms(_ result: Shape, precision: Precision) -> [ConvolutionForm] {
    if precision == .bfloat16 && profitsFromRounding { return [.rounded, .direct] }
    return profitsFromWinograd(result) ? [.winograd, .direct] : [.direct]
  }

  /// Whether faster products outweigh rounding the source: a core rounds about 10⁹ samples in the time of
  /// 2·10¹¹ operations, half of which bf16 saves.
  private var profitsFromRounding: Bool {
    weights.kernelHeight * weights.kernelWidth * weights.outputChannels >= 256 * stride * stride
  }

  /// Whether fewer products outweigh copying and transforming: measured on AVX-512, by 1.4 from 48 channels
  /// and a thousand pixels on; with more channels on smaller pictures the weights leave the cache.
  private func profitsFromWinograd(_ result: Shape) -> Bool {
    weights.kernelHeight == 3 && weights.kernelWidth == 3 && stride == 1 && dilation == 1
      && weights.inputChannels % 16 == 0 && weights.outputChannels % 16 == 0
      && min(weights.inputChannels, weights.outputChannels) >= 48 && result.pixelCount >= 1000
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
