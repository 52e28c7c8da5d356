import ArgumentParser
import Shading
import Studio
import StudioFiles

/// `chiaro list`: what can be named on the command line and in the studio.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List rigs, environments, materials, themes or keys.")

  /// What can be listed.
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case rigs, environments, materials, themes, keys
  }

  @Argument(help: "rigs, environments, materials, themes or keys.")
  var subject: Subject

  @Flag(help: "Print JSON.")
  var json = false

  /// One line of a list.
  private struct Row: Encodable {
    var name: String
    var description: String
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let rows = try self.rows(ProgramEnvironment().assets)
      if json {
        try CommandOutput.json(rows)
        return
      }
      let width = rows.map(\.name.count).max() ?? 0
      for row in rows {
        let padding = String(repeating: " ", count: width - row.name.count)
        print(row.description.isEmpty ? row.name : "\(row.name)\(padding)  \(row.description)")
      }
    }
  }

  private func rows(_ assets: AssetFolder) throws -> [Row] {
    switch subject {
    case .rigs:
      try assets.names(of: .rig).map { name in
        Row(name: name, description: try assets.look(named: name).rig.summary)
      }
    case .environments:
      assets.names(of: .environment).map { Row(name: $0, description: "") }
    case .materials:
      try assets.names(of: .material).map { name in
        let material = try assets.material(named: name)
        let changed = Material.parameters.filter {
          material[keyPath: $0.keyPath] != $0.defaultValue
        }
        let values = changed.map { "\($0.identifier)=\(material[keyPath: $0.keyPath])" }
        return Row(
          name: name, description: values.isEmpty ? "the defaults" : values.joined(separator: ", "))
      }
        + Material.parameters.map { row in
          let unit = row.unit.isEmpty ? "" : " \(row.unit)"
          return Row(
            name: row.identifier,
            description: "\(row.label), \(row.range.lowerBound) to \(row.range.upperBound)\(unit), "
              + "default \(row.defaultValue)")
        }
    case .themes: assets.names(of: .theme).map { Row(name: $0, description: "") }
    case .keys:
      try assets.keymap(named: assets.configuration().keymap).bindings.map { binding in
        let command = CommandTable.standard[binding.run]
        return Row(
          name: binding.keysText,
          description: "\(binding.context.rawValue): \(command?.title ?? binding.run)")
      }
    }
  }
}

extension LightRig {
  /// The rig's name and its lights in one line.
  fileprivate var summary: String {
    let places = lights.map { light in
      "\(light.name) \(Int(light.azimuthDegrees))°/\(Int(light.elevationDegrees))°"
    }
    return "\(name): \(places.joined(separator: ", "))"
  }
}
