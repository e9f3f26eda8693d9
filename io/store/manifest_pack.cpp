// SPDX-License-Identifier: Apache-2.0
#include "io/store/manifest_pack.hpp"

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>
#include <optional>
#include <sstream>
#include <utility>

namespace cohort {

template <class Archive, class... Members>
void list(Archive& archive, Members&... members) {
  ((archive & members), ...);
}

// Boost looks for these where the types are.
template <class Archive>
void serialize(Archive& archive, Column& column, unsigned) {
  list(archive, column.name, column.type, column.scale, column.unit);
}
template <class Archive>
void serialize(Archive& archive, TableSchema& table, unsigned) {
  list(archive, table.name, table.columns);
}
template <class Archive>
void serialize(Archive& archive, ChunkEntry& chunk, unsigned) {
  list(archive, chunk.address, chunk.bytes, chunk.hash, chunk.zone.low, chunk.zone.high);
}
template <class Archive>
void serialize(Archive& archive, StreamEntry& stream, unsigned) {
  list(archive, stream.values, stream.chunks);
}
template <class Archive>
void serialize(Archive& archive, TableEntry& table, unsigned) {
  list(archive, table.rows, table.columns);
}
template <class Archive>
void serialize(Archive& archive, ShardEntry& shard, unsigned) {
  list(archive, shard.file, shard.bytes, shard.outside_hash, shard.tables);
}
template <class Archive>
void serialize(Archive& archive, Source& source, unsigned) {
  list(archive, source.hash, source.name, source.bytes);
}
template <class Archive>
void serialize(Archive& archive, WholeFile& file, unsigned) {
  list(archive, file.bytes, file.hash);
}

namespace {

template <class Archive, class T>
void list_optional(Archive& archive, std::optional<T>& value) {
  bool there = value.has_value();
  list(archive, there);
  if (there && !value) value.emplace();
  if (there) list(archive, *value);
}

/// Lists the members once, for both ways; the two documents travel as text.
template <class Archive>
void list_members(Archive& archive, Manifest& manifest, std::string& cleaning, std::string& lineage) {
  list(archive, manifest.tables, manifest.shards, manifest.dictionaries, manifest.sources, cleaning, lineage);
  list_optional(archive, manifest.dictionary_file);
  list_optional(archive, manifest.dataset_file);
}

}  // namespace

std::string pack_manifest(const Manifest& manifest) {
  std::ostringstream stream;
  boost::archive::binary_oarchive archive(stream, boost::archive::no_header);
  std::string cleaning = manifest.cleaning.dump(), lineage = manifest.lineage.dump();
  // An archive that writes leaves the members as they are, but takes them as those of one that reads.
  list_members(archive, const_cast<Manifest&>(manifest), cleaning, lineage);
  return std::move(stream).str();
}

Manifest unpack_manifest(std::string packed) {
  std::istringstream stream(std::move(packed));
  boost::archive::binary_iarchive archive(stream, boost::archive::no_header);
  Manifest manifest;
  std::string cleaning, lineage;
  list_members(archive, manifest, cleaning, lineage);
  manifest.cleaning = nlohmann::json::parse(cleaning);
  manifest.lineage = nlohmann::json::parse(lineage);
  return manifest;
}

}  // namespace cohort
