import Shading
import Testing

@Suite struct LobesTests {
  @Test(
    "a softened terminator neither adds light nor loses any",
    arguments: [0.01, 0.1, 0.3, 0.6] as [Float])
  func diffuseFurnace(softness: Float) {
    let total = SphereQuadrature.integral { l in
      Double(DiffuseLobe.reflection(nDotL: l.z, softness: softness))
    }
    #expect(total / .pi < 1.001 && total / .pi > 0.99, "\(total / .pi)")
  }

  @Test("away from the terminator the cosine stays")
  func cosineStays() {
    #expect(abs(DiffuseLobe.reflection(nDotL: 0.7, softness: 0.01) - 0.7) < 1e-3)
    #expect(DiffuseLobe.reflection(nDotL: -0.2, softness: 0.1) == 0)
    #expect(DiffuseLobe.reflection(nDotL: -0.05, softness: 0.1) > 0)
  }

  @Test("only thin tissue transmits")
  func transmission() {
    #expect(TransmissionLobe.share(translucency: 0) == 0)
    #expect(TransmissionLobe.share(translucency: 0.1) < 0.01)
    #expect(TransmissionLobe.share(translucency: 1) == 0.5)
    #expect(TransmissionLobe.share(translucency: 3) == 0.5)
  }

  @Test("the mean of the lobes is the material's roughness")
  func lobesAverage() {
    let (tight, wide) = SpecularLobes.alphaSquared(roughness: 0.5)
    let mean = 0.85 * tight.squareRoot().squareRoot() + 0.15 * wide.squareRoot().squareRoot()
    #expect(abs(mean - 0.5) < 1e-4)
    #expect(tight < wide)
  }
}
