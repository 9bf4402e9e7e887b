//! Whether the files that production's pages load are those of the build folder that a person named: asked ([`look`]), read
//! from the folder ([`folder`]), and judged in `src/domain/asset_identity.rs` (docs/design/gate.md G20).

mod folder;
mod look;

pub(super) use look::AssetDetector;
