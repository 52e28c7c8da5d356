import Imaging
import RenderPasses
import Shading
import StudioFiles
import StudioRuntime

extension Suite {
  /// The bundled portrait at 1024² under four lights with shadows and an environment, as the studio shows it.
  static let shading = Suite(name: "shading") { recorder, assets in
    let (stack, _) = try PassFolder.read(assets.path("portraits/sample-passes"))
    let portrait = try ImageFile.readPhotograph(at: assets.path("portraits/sample.png")).image
      .resized(width: stack.width, height: stack.height)
    let environments = EnvironmentLibrary(assets: assets)
    var look = Look(rig: fourLights)
    let environment = try environments.map(for: look.rig.environment)
    var relighter = Relighter(stack: stack, portrait: portrait)
    func preview() -> DisplayImage? {
      relighter.preview(look: look, environment: environment, size: stack.albedo.extent)
    }

    recorder.measure("no change") { _ in preview() }
    recorder.measure("one light's intensity", budget: 4) { repetition in
      look.rig.lights[0].exposure = Float(repetition) / 16
      return preview()
    }
    recorder.measure("one light's colour", budget: 4) { repetition in
      look.rig.lights[1].kelvin = 4000 + 100 * Float(repetition)
      return preview()
    }
    recorder.measure("one light's direction", budget: 10) { repetition in
      look.rig.lights[0].azimuthDegrees = 5 * Float(repetition)
      return preview()
    }
    recorder.measure("all lights' directions", budget: 25) { repetition in
      for index in look.rig.lights.indices {
        look.rig.lights[index].azimuthDegrees += 5
        look.rig.lights[index].elevationDegrees = Float(repetition)
      }
      return preview()
    }
    recorder.measure("material and all lights", budget: 25) { repetition in
      look.material.roughness = 0.4 + 0.01 * Float(repetition)
      return preview()
    }
    recorder.measure("preparation and first picture", budget: 400) { _ in
      var fresh = Relighter(stack: stack, portrait: portrait)
      return fresh.preview(look: look, environment: environment, size: stack.albedo.extent)
    }
  }

  static var fourLights: LightRig {
    func light(_ name: String, azimuth: Float, elevation: Float, exposure: Float) -> Light {
      var light = Light(name: name)
      light.azimuthDegrees = azimuth
      light.elevationDegrees = elevation
      light.exposure = exposure
      return light
    }
    return LightRig(lights: [
      light("key", azimuth: 45, elevation: 35, exposure: 0),
      light("fill", azimuth: -30, elevation: 0, exposure: -2),
      light("rim", azimuth: 150, elevation: 30, exposure: 0),
      light("kicker", azimuth: -120, elevation: 20, exposure: -1),
    ])
  }
}
