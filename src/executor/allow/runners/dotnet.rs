//! .NET.

use super::{Runner, row, runner};

const DOTNET: &[&str] = &[
    "--no-restore --nologo -nologo --no-dependencies --no-incremental --no-build -m -warnaserror --warnaserror --tl:off --disable-build-servers",
    "-c,--configuration={word} -f,--framework={word} -v,--verbosity=q|quiet|m|minimal|n|normal|d|detailed -v:q -v:m -v:n -v:quiet -v:minimal -v:normal -c:Release -c:Debug",
];

pub(super) const RUNNERS: &[Runner] = &[
    runner(
        "dotnet",
        &[],
        &[
            row("test", TEST, "{project}|/p:CollectCoverage=true"),
            row("build", DOTNET, "{project}"),
            row("format whitespace|style|analyzers", FORMAT, "{project}"),
            row("format", FORMAT, "{project}"),
            row("csharpier check", &[], "{path}"),
            row("csharpier", &["--check"], "{path}"),
        ],
    ),
    runner("csharpier", &[], &[row("check", &[], "{path}"), row("--check", &[], "{path}")]),
    runner("fantomas", &[], &[row("--check", &["-r --recurse"], "{path}")]),
];

const TEST: &[&str] = &[
    "--no-restore --nologo -nologo --no-build --blame --list-tests --blame-crash --blame-hang --blame-hang-timeout={num} -c,--configuration={word} -f,--framework={word} -v,--verbosity=q|quiet|m|minimal|n|normal|d|detailed -v:q -v:m -v:n -v:quiet -v:minimal -v:normal -c:Release -c:Debug -m -warnaserror",
    "-p:CollectCoverage=true --property:CollectCoverage=true -p:CoverletOutputFormat=cobertura|opencover|lcov|json --filter={text} --collect={collector} --results-directory={report} -l,--logger=trx|html|console|junit|xunit|nunit|GitHubActions|console;verbosity=*|trx;LogFileName=*.trx|junit;LogFileName=*.xml|html;LogFileName=*.html",
];

const FORMAT: &[&str] = &[
    "--verify-no-changes --no-restore --severity=info|warn|error --include={path} --exclude={path} --include-generated -v,--verbosity=q|quiet|m|minimal|n|normal|d|detailed --diagnostics={word}",
];
