#include "engine/open_engine.h"

#include "engine/disk.h"
#include "engine/local_engine.h"
#include "engine/rocksdb_backend.h"

namespace hongyan::engine {

namespace {

constexpr std::uint64_t format_version = 1;

// The version of the whole; each record has one of its own besides.
Result<void> claim_format(Backend& backend) {
    TRY(const auto bytes, backend.latest().get(format_key));
    if (!bytes) {
        std::string version;
        bytes::put_varint(version, format_version);
        return backend.write({{format_key, version}});
    }
    std::string_view in = *bytes;
    const auto version = bytes::take_varint(in);
    if (version && *version == format_version) return {};
    return fail(Error::Kind::unsupported, "the store was written by a newer program: format {}, we know {}",
                version.value_or(0), format_version);
}

}  // namespace

Result<std::unique_ptr<Engine>> open_engine(const std::filesystem::path& folder,
                                            const EngineOptions& options) {
    auto& disk = options.disk != nullptr ? *options.disk : system_disk();
    TRY(disk.make_folder(folder));
    TRY(auto backend, RocksdbBackend::open(folder / "metadata", options));
    TRY(claim_format(*backend));
    auto packs = std::make_unique<Packs>(disk, folder / "packs", options.pack_size);
    TRY(const auto known, load_pack_records(backend->latest()));
    TRY(packs->load(known));
    return std::make_unique<LocalEngine>(std::move(backend), std::move(packs), options.inline_limit,
                                         Room(disk, folder, options.reserve), options.reclaim_every,
                                         options.complain);
}

}  // namespace hongyan::engine
