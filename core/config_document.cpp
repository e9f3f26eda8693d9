// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/config.hpp"

namespace cohort {
namespace {

/// The values of a struct as JSON: what result.json records and what documentation shows as defaults.
class Recorder : public Fields {
 public:
  void visit(const FieldSpec& spec, FieldValue value) override {
    if (spec.execution) return;
    json[std::string(spec.name)] = std::visit([](const auto& v) { return recorded(v); }, value);
  }
  Json json = Json::object();

 private:
  static Json of(const Nested& nested) {
    Recorder recorder;
    nested(recorder);
    return std::move(recorder.json);
  }
  template <class T>
  static Json recorded(T* value) {
    return *value;
  }
  static Json recorded(const Nested& nested) { return of(nested); }
  static Json recorded(const NestedMap& map) {
    Json json = Json::object();
    for (const std::string& name : map.names) json[name] = of([&](Fields& fields) { map.at(fields, name); });
    return json;
  }
  static Json recorded(const NestedList& list) {
    Json json = Json::array();
    list.each([&](const std::string& kind, const Nested& nested) { json.push_back(Json{{kind, of(nested)}}); });
    return json;
  }
};

/// JSON Schema, one property a key.
class SchemaWriter : public Fields {
 public:
  void visit(const FieldSpec& spec, FieldValue value) override {
    Json property = std::visit([](const auto& v) { return schema(v); }, value);
    property["description"] = spec.text;
    if (std::isfinite(spec.range.low)) property["minimum"] = spec.range.low;
    if (std::isfinite(spec.range.high)) property["maximum"] = spec.range.high;
    if (!spec.choices.empty())
      (property.contains("oneOf") ? property["oneOf"][1]["items"] : property)["enum"] = spec.choices;
    for (const std::string& alias : spec.aliases) properties[alias] = property;
    properties[std::string(spec.name)] = std::move(property);
    if (spec.required && spec.aliases.empty()) required.push_back(spec.name);
  }
  [[nodiscard]] Json object() && {
    Json json{{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (!required.empty()) json["required"] = std::move(required);
    return json;
  }
  Json properties = Json::object();
  Json required = Json::array();

 private:
  static Json schema(bool*) { return {{"type", "boolean"}}; }
  static Json schema(std::int64_t*) { return {{"type", "integer"}}; }
  static Json schema(double*) { return {{"type", "number"}}; }
  static Json schema(std::string*) { return {{"type", {"string", "number", "boolean"}}}; }
  static Json schema(std::vector<std::string>*) {
    return {{"oneOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", {"string", "number"}}}}}}}};
  }
  static Json schema(std::vector<std::vector<double>>*) {
    return {{"type", "array"}, {"items", {{"type", "array"}, {"items", {{"type", "number"}}}}}};
  }
  static Json schema(std::map<std::string, std::string>*) { return {{"type", "object"}}; }
  static Json schema(const Nested& nested) { return schema_of_fields(nested); }
  static Json schema(const NestedMap& map) {
    return {{"type", "object"}, {"additionalProperties", schema_of_fields(map.example)}};
  }
  static Json schema(const NestedList& list) {
    Json kinds = Json::array();
    for (const auto& [kind, nested] : list.kinds) {
      kinds.push_back({{"type", "object"},
                       {"additionalProperties", false},
                       {"required", {kind}},
                       {"properties", {{kind, schema_of_fields(nested)}}}});
      kinds.push_back({{"const", kind}});
    }
    return {{"type", "array"}, {"items", {{"oneOf", kinds}}}};
  }
};

/// Rows of the reference: nested keys are written with dots.
class Documenter : public Fields {
 public:
  explicit Documenter(std::string prefix) : prefix_(std::move(prefix)) {}

  void visit(const FieldSpec& spec, FieldValue value) override {
    const std::string name = prefix_ + std::string(spec.name);
    if (const auto* nested = std::get_if<Nested>(&value)) return descend(name + ".", *nested);
    if (const auto* map = std::get_if<NestedMap>(&value)) {
      row(name, "mapping", "", spec);
      return descend(name + ".NAME.", map->example);
    }
    if (const auto* list = std::get_if<NestedList>(&value)) {
      row(name, "list", "", spec);
      for (const auto& [kind, nested] : list->kinds) {
        text += fmt::format("| `{}[].{}` | entry | | |\n", name, kind);
        descend(fmt::format("{}[].{}.", name, kind), nested);
      }
      return;
    }
    Recorder recorder;
    recorder.visit(FieldSpec{.name = spec.name, .text = {}}, value);
    row(name, type_of(value), spec.required ? "required" : fmt::format("`{}`", recorder.json.front().dump()), spec);
  }
  std::string text;

 private:
  void descend(const std::string& prefix, const Nested& nested) {
    Documenter inner(prefix);
    nested(inner);
    text += inner.text;
  }
  void row(const std::string& name, const std::string& type, const std::string& standard, const FieldSpec& spec) {
    std::string legal;
    if (!spec.choices.empty()) legal = fmt::format(" One of {}.", fmt::join(spec.choices, ", "));
    if (std::isfinite(spec.range.low) && std::isfinite(spec.range.high)) {
      legal += fmt::format(" From {} to {}.", spec.range.low, spec.range.high);
    } else if (std::isfinite(spec.range.low)) {
      legal += fmt::format(" At least {}.", spec.range.low);
    } else if (std::isfinite(spec.range.high)) {
      legal += fmt::format(" At most {}.", spec.range.high);
    }
    if (!spec.aliases.empty()) legal += fmt::format(" Also written {}.", fmt::join(spec.aliases, ", "));
    const std::string_view stop = spec.text.ends_with('.') ? "" : ".";
    text += fmt::format("| `{}` | {} | {} | {}{}{} |\n", name, type, standard, spec.text, stop, legal);
  }
  static std::string type_of(const FieldValue& value) {
    constexpr std::array names{"boolean", "integer", "number", "word", "list of words", "matrix", "mapping"};
    return names[value.index()];
  }
  std::string prefix_;
};

}  // namespace

std::string document_fields(const Nested& describe) {
  Documenter documenter("");
  describe(documenter);
  return "| key | type | default | meaning |\n|---|---|---|---|\n" + documenter.text;
}

Json schema_of_fields(const Nested& describe) {
  SchemaWriter writer;
  describe(writer);
  return std::move(writer).object();
}

Json record_fields(const Nested& describe) {
  Recorder recorder;
  describe(recorder);
  return std::move(recorder.json);
}

}  // namespace cohort
