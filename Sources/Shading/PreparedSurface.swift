import CShadingKernels

/// `SurfacePoint`s of all gathered pixels in strips: passes and material combined, ready for light.
package struct PreparedSurface: Sendable {
  /// Where the properties of a `SurfacePoint` lie, as the kernels have it.
  enum Lane {
    static let normalX = SURFACE_NORMAL
    static let normalY = SURFACE_NORMAL + 1
    static let nDotV = SURFACE_N_DOT_V
    static let tightAlphaSquared = SURFACE_TIGHT_ALPHA_SQUARED
    static let wideAlphaSquared = SURFACE_WIDE_ALPHA_SQUARED
    static let tightMasking = SURFACE_TIGHT_MASKING
    static let wideMasking = SURFACE_WIDE_MASKING
    static let f0 = SURFACE_F0
    static let specularGain = SURFACE_SPECULAR_GAIN
    static let aperture = SURFACE_APERTURE
    static let transmitted = SURFACE_TRANSMITTED
    static let scatter = SURFACE_SCATTER
    static let diffuseWeight = SURFACE_DIFFUSE_WEIGHT
    static let ambientSpecular = SURFACE_AMBIENT_SPECULAR
    static let ambientVisibility = SURFACE_AMBIENT_VISIBILITY
    static let bentNormal = SURFACE_BENT_NORMAL
    static let skin = SURFACE_SKIN
    static let coat = SURFACE_COAT
    static let fuzz = SURFACE_FUZZ
    static let count = SURFACE_LANES
  }

  let strips: Strips
  /// Nothing where the material has no film and no fuzz.
  let layers: SkinLayers?

  /// Prepares every pixel: `ShadingModel.point` over strips.
  ///
  /// - Parameters:
  ///   - samples: The passes.
  ///   - model: The material.
  ///   - kernels: The instruction set.
  ///   - memory: A surface of the same samples that is no longer wanted.
  package init(
    samples: SurfaceSamples, model: ShadingModel, kernels: Kernels = .best,
    memory: consuming PreparedSurface? = nil
  ) {
    var strips = memory?.strips ?? Strips(lanes: Lane.count, pixels: samples.pixels.count)
    memory = nil
    model.withKernelMaterial { material in
      nonisolated(unsafe) let material = material
      samples.strips.withPointer { source in
        nonisolated(unsafe) let source = source
        strips.forEachStrip { strip, output in
          kernels.loops.prepare(
            material, source + strip * SurfaceSamples.Lane.count * Strips.width, output)
        }
      }
    }
    self.strips = strips
    layers = model.material.coat > 0 || model.material.fuzz > 0 ? model.layers : nil
  }

  /// One pixel back as a point, for the reference shader.
  package func point(_ pixel: Int) -> SurfacePoint {
    func vector(_ lane: Int) -> SIMD3<Float> {
      SIMD3(strips[lane, pixel], strips[lane + 1, pixel], strips[lane + 2, pixel])
    }
    return SurfacePoint(
      normal: vector(Lane.normalX), nDotV: strips[Lane.nDotV, pixel],
      tightAlphaSquared: strips[Lane.tightAlphaSquared, pixel],
      wideAlphaSquared: strips[Lane.wideAlphaSquared, pixel], f0: strips[Lane.f0, pixel],
      specularGain: strips[Lane.specularGain, pixel], aperture: strips[Lane.aperture, pixel],
      transmitted: strips[Lane.transmitted, pixel], scatter: strips[Lane.scatter, pixel],
      diffuseWeight: strips[Lane.diffuseWeight, pixel],
      ambientSpecular: strips[Lane.ambientSpecular, pixel],
      ambientVisibility: vector(Lane.ambientVisibility),
      bentNormal: vector(Lane.bentNormal), skin: strips[Lane.skin, pixel],
      coat: strips[Lane.coat, pixel], fuzz: strips[Lane.fuzz, pixel])
  }
}

extension ShadingModel {
  /// The material as the kernels take it.
  fileprivate func withKernelMaterial(_ body: (UnsafePointer<shading_material>) -> Void) {
    splitSum.withTables { scale, bias in
      layers.withTables { coat, fuzz in
        let kernelMaterial = shading_material(
          normal_strength: material.normalStrength, cloth_roughness: roughness.cloth,
          skin_roughness: roughness.skin, shine: shine, specular: material.specular,
          ao_strength: material.aoStrength, translucency: material.translucency,
          subsurface: material.subsurface, tight_roughness: SpecularLobes.tightRoughness,
          wide_roughness: SpecularLobes.wideRoughness, minimum_alpha: Microfacet.minimumAlpha,
          share_of_fine_cavities: Self.shareOfFineCavities,
          greatest_transmitted: TransmissionLobe.greatestShare,
          scatter_of_thick_skin: Self.scatterOfThickSkin,
          scatter_of_thin_skin: Self.scatterOfThinSkin, table_scale: scale, table_bias: bias,
          table_extent: Int32(SplitSum.extent), coat: material.coat, fuzz: material.fuzz,
          coat_albedo: coat, fuzz_albedo: fuzz, layer_extent: Int32(SkinLayers.extent))
        withUnsafePointer(to: kernelMaterial, body)
      }
    }
  }
}
