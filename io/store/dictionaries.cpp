// SPDX-License-Identifier: Apache-2.0
#include "io/store/dictionaries.hpp"

#include <algorithm>
#include <functional>

#include "core/error.hpp"
#include "io/store/shard_reader.hpp"
#include "io/store/shard_writer.hpp"

namespace cohort {
namespace {

TableData table_of(const Dictionary& dictionary) {
  const auto& labels = dictionary.labels;
  if (std::adjacent_find(labels.begin(), labels.end(), std::greater_equal<>()) != labels.end()) {
    throw Error(ExitCode::internal, fmt::format("labels of dictionary {} are not sorted", dictionary.name));
  }
  TextValues texts;
  for (const std::string& label : labels) texts.push_back(label);
  return {dictionary.name, {{dictionary_column(), std::move(texts)}}};
}

}  // namespace

void write_dictionaries(const std::string& folder, std::span<const Dictionary> dictionaries, Manifest& manifest) {
  std::vector<TableData> tables;
  manifest.dictionaries.clear();
  for (const Dictionary& dictionary : dictionaries) {
    tables.push_back(table_of(dictionary));
    manifest.dictionaries.push_back(dictionary.name);
  }
  manifest.dictionary_file = write_shard(fmt::format("{}/{}", folder, dictionaries_name), tables);
  sync_shards(folder, std::span(&*manifest.dictionary_file, 1), 1);
}

Dictionary read_dictionary(const Manifest& manifest, const std::string& folder, std::string_view name) {
  const auto found = std::find(manifest.dictionaries.begin(), manifest.dictionaries.end(), name);
  if (found == manifest.dictionaries.end() || !manifest.dictionary_file) {
    throw Error(ExitCode::bad_config, fmt::format("{} has no dictionary '{}'", folder, name),
                "use a column of type category");
  }
  const auto index = static_cast<std::size_t>(found - manifest.dictionaries.begin());
  const InputFile file = open_shard(folder, *manifest.dictionary_file);
  const auto texts =
      std::get<TextValues>(read_column(file, manifest.dictionary_file->tables[index], *found, dictionary_column(), 0));
  Dictionary dictionary{*found, {}};
  for (std::size_t i = 0; i < texts.size(); ++i) dictionary.labels.emplace_back(texts[i]);
  return dictionary;
}

}  // namespace cohort
