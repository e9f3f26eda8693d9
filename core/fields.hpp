// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cohort {

using Json = nlohmann::ordered_json;
class Fields;

/// Closed interval of legal numbers.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// What one key is: its name, legal values and one sentence. The default is the value the struct holds.
struct FieldSpec {
  std::string_view name;
  std::string_view text;
  Range range{};
  std::vector<std::string> choices{};  ///< legal words; empty: any
  std::vector<std::string> aliases{};  ///< other systems' names for the key, accepted and echoed once
  bool required = false;
  bool execution = false;  ///< cannot change a result, so it stays out of result.json
};

/// A struct inside a struct: how to describe it.
using Nested = std::function<void(Fields&)>;
/// A mapping of names to structs: `at` adds or finds an entry; `names` lists them; `example` describes a fresh one.
struct NestedMap {
  std::function<void(Fields&, const std::string& name)> at;
  std::vector<std::string> names;
  Nested example;
};
/// A list of `- kind: {...}` entries, each described by a variant's struct: `add` appends one of that kind.
struct NestedList {
  std::vector<std::pair<std::string, std::function<void(Fields&)>>> kinds;  ///< each with an example of its struct
  std::function<void(Fields&, const std::string& kind)> add;
  std::function<void(const std::function<void(const std::string& kind, const Nested&)>&)> each;
};

using FieldValue =
    std::variant<bool*, std::int64_t*, double*, std::string*, std::vector<std::string>*,
                 std::vector<std::vector<double>>*, std::map<std::string, std::string>*, Nested, NestedMap, NestedList>;

/// The one visitor of parameters. A struct lists its keys once, in `void describe(Fields&)`; reading, defaults, checks,
/// documentation, JSON Schema and the record of what was used are visitors of that list.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual void visit(const FieldSpec& spec, FieldValue value) = 0;

  template <class T>
  void operator()(const FieldSpec& spec, T& value) {
    if constexpr (requires { value.describe(*this); }) {
      visit(spec, Nested([&value](Fields& fields) { value.describe(fields); }));
    } else {
      visit(spec, &value);
    }
  }

  template <class T>
  void operator()(const FieldSpec& spec, std::map<std::string, T>& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      visit(spec, &value);
    } else {
      NestedMap map{.at = [&value](Fields& fields, const std::string& name) { value[name].describe(fields); },
                    .names = {},
                    .example = [](Fields& fields) { T{}.describe(fields); }};
      for (const auto& [name, unused] : value) map.names.push_back(name);
      visit(spec, std::move(map));
    }
  }

  /// A list whose entries are one of several structs, each with `static constexpr std::string_view kind`.
  template <class... Kinds>
  void operator()(const FieldSpec& spec, std::vector<std::variant<Kinds...>>& value) {
    NestedList list;
    (list.kinds.emplace_back(std::string(Kinds::kind), [](Fields& fields) { Kinds{}.describe(fields); }), ...);
    list.add = [&value](Fields& fields, const std::string& kind) {
      ((Kinds::kind == kind ? std::get<Kinds>(value.emplace_back(Kinds{})).describe(fields) : void()), ...);
    };
    list.each = [&value](const auto& call) {
      for (auto& entry : value) {
        std::visit([&call]<class Kind>(
                       Kind& kind) { call(std::string(Kind::kind), [&kind](Fields& f) { kind.describe(f); }); },
                   entry);
      }
    };
    visit(spec, std::move(list));
  }
};

}  // namespace cohort
