import Foundation
import Shading
import Testing

@Suite struct MicrofacetTests {
  @Test(
    "the distribution's projected area is 1",
    arguments: [0.1, 0.2, 0.35, 0.5, 0.75, 1] as [Float])
  func distributionIsNormalized(roughness: Float) {
    let alphaSquared = pow(roughness, 4)
    let steps = 20_000
    var sum = 0.0
    for step in 0..<steps {
      let theta = (Double(step) + 0.5) / Double(steps) * .pi / 2
      let density = Microfacet.distributionGGX(
        nDotH: Float(cos(theta)), alphaSquared: alphaSquared)
      sum += Double(density) * cos(theta) * sin(theta)
    }
    let integral = sum * 2 * .pi * .pi / 2 / Double(steps)
    #expect(abs(integral - 1) < 0.005, "integral \(integral)")
  }

  @Test("view and light can be exchanged", arguments: 0..<50)
  func reflectanceIsReciprocal(index: Int) {
    let (a, b) = (Float(index % 10 + 1) / 11, Float(index / 5 + 1) / 12)
    let forth = SpecularLobes.reflectance(
      nDotL: a, nDotV: b, nDotH: 0.8, vDotH: 0.6, alphaSquared: 0.05, f0: 0.03)
    let back = SpecularLobes.reflectance(
      nDotL: b, nDotV: a, nDotH: 0.8, vDotH: 0.6, alphaSquared: 0.05, f0: 0.03)
    #expect(abs(forth - back) <= 1e-6 * forth)
  }

  @Test(
    "a specular lobe with full reflectance returns no more light than arrives",
    arguments: [0.2, 0.35, 0.5, 0.75, 1] as [Float], [0.05, 0.2, 0.5, 0.8, 1] as [Float])
  func whiteFurnace(roughness: Float, nDotV: Float) {
    let (reflected, factors) = furnace(roughness: roughness, nDotV: nDotV)
    #expect(reflected <= 1.01, "reflects \(reflected)")
    // The table mixes two lobes; here one lobe is tested, so only its sum is comparable.
    #expect(factors > 0 && factors <= 1.001)
  }

  @Test(
    "energy compensation makes a rough mirror whole",
    arguments: [0.4, 0.5, 0.75, 1] as [Float], [0.1, 0.3, 0.6, 1] as [Float])
  func compensatedFurnace(roughness: Float, nDotV: Float) {
    let alpha = SpecularLobes.alphaSquared(roughness: roughness)
    let reflected =
      0.85 * directionalAlbedo(alphaSquared: alpha.tight, nDotV: nDotV)
      + 0.15 * directionalAlbedo(alphaSquared: alpha.wide, nDotV: nDotV)
    let (scale, bias) = SplitSum().factors(nDotV: nDotV, roughness: roughness)
    let gain = Microfacet.energyCompensation(f0: 1, singleScattering: scale + bias)
    #expect(abs(Float(reflected) * gain - 1) < 0.03, "returns \(Float(reflected) * gain)")
  }

  @Test("Schlick's formula runs from f0 to full reflection")
  func fresnelEnds() {
    #expect(Microfacet.fresnelSchlick(f0: 0.028, vDotH: 1) == 0.028)
    #expect(Microfacet.fresnelSchlick(f0: 0.028, vDotH: 0) == 1)
  }

  private func furnace(roughness: Float, nDotV: Float) -> (reflected: Double, factors: Float) {
    let reflected = directionalAlbedo(alphaSquared: pow(roughness, 4), nDotV: nDotV)
    let factors = SplitSum().factors(nDotV: nDotV, roughness: roughness)
    return (reflected, factors.scale + factors.bias)
  }

  private func directionalAlbedo(alphaSquared: Float, nDotV: Float) -> Double {
    let v = SIMD3<Float>((1 - nDotV * nDotV).squareRoot(), 0, nDotV)
    return SphereQuadrature.integral(polar: 400, around: 240) { l in
      guard l.z > 0 else { return 0 }
      let sum = l + v
      let h = sum / (sum * sum).sum().squareRoot()
      let reflectance = SpecularLobes.reflectance(
        nDotL: l.z, nDotV: nDotV, nDotH: h.z, vDotH: SphereQuadrature.dot(v, h),
        alphaSquared: alphaSquared, f0: 1)
      return Double(reflectance * l.z)
    }
  }
}
