//! Build tools of any language: make and its like, CMake, Bazel, Swift, Zig.

use super::{Rest, Runner, row, runner};

const BAZEL: &[&str] = &[
    "--test_output=errors|all|streamed|summary --test_summary=short|terse|detailed|none|testcase -k --keep_going[={bool}] --nokeep_going --test_filter={text} --cache_test_results=yes|no|auto --nocache_test_results --build_tests_only --build_tests_only=true|false --verbose_failures --noshow_progress --show_progress_rate_limit={num} --color=yes|no|auto --curses=yes|no|auto --runs_per_test={num} --test_timeout={num} --test_size_filters={words} --test_tag_filters={flags} --build_tag_filters={flags} --test_lang_filters={words} --test_verbose_timeout_warnings --test_keep_going --notest_keep_going --combined_report=lcov|none --instrumentation_filter={label} --local_test_jobs={num} --nobuild --check_up_to_date --features={word} --collect_code_coverage --noremote_accept_cached --loading_phase_threads={num}",
    "--config=ci|test|debug|release|dev|opt|dbg|fast|lint|asan|tsan|ubsan|coverage|local -j,--jobs={num}|auto -c,--compilation_mode=opt|dbg|fastbuild",
];

const SWIFT: &[&str] = &[
    "--parallel --no-parallel --enable-code-coverage --disable-code-coverage --skip-build --build-tests -v --verbose --very-verbose --quiet -q --enable-test-discovery --enable-xctest --disable-xctest --enable-swift-testing --disable-swift-testing --disable-automatic-resolution --force-resolved-versions --skip-update --static-swift-stdlib",
    "--filter={text} --skip={text} -c,--configuration=debug|release --num-workers={num} --xunit-output={report} --sanitize=address|thread|undefined -j,--jobs={num} --target,--product,--test-product={word} --package-path={folder:Package.swift}",
];

const SCRIPTS: &str = "{script}|clean";

pub(super) const RUNNERS: &[Runner] = &[
    runner("make gmake", &["-k -s -B -O -w --silent --keep-going --quiet --no-print-directory --always-make --output-sync[=target|line|recurse|none] -j,--jobs[={num}] -l[={num}] -C,--directory={folder:Makefile,makefile,GNUmakefile}"], &[row(
        SCRIPTS,
        &[],
        "{script}|clean|V=1|V=0|VERBOSE=1",
    )])
    .with_shell(),
    runner("just", &["-q --quiet -v --verbose -n --dry-run --no-color --color=auto|always|never"], &[row(SCRIPTS, &[], SCRIPTS)]).with_shell(),
    runner("task go-task", &["-v --verbose -s --silent -f --force -p --parallel -n --dry --summary --status -C,--concurrency={num} -o,--output=interleaved|group|prefixed --color[={bool}] -x --exit-code"], &[row("{task}|clean", &[], "{task}|clean")]).with_shell(),
    runner("cmake", &[], &[
        row("--build {path}", BUILD, ""),
        row("--build --preset=*|--preset", BUILD, "{word}"),
        row("--workflow --preset=*|--preset", &[], "{word}"),
        row("-S . -B build|build-*|build/**|out", CONFIGURE, ""),
        row("-B build|build-*|build/**|out", CONFIGURE, ""),
        row("--preset=*", &[], ""),
    ]),
    runner("ctest", &[], &[row("", &[
        "--output-on-failure -V -VV --verbose --extra-verbose --rerun-failed --stop-on-failure --schedule-random --progress -N --show-only -Q --quiet --no-label-summary --force-new-ctest-process --test-output-size-failed={num}",
        "--test-dir={path} -j,--parallel[={num}] -R,--tests-regex={text} -E,--exclude-regex={text} -L,--label-regex={text} -LE,--label-exclude={text} -C,--build-config=Debug|Release|RelWithDebInfo|MinSizeRel --preset={word} --timeout={num} --no-tests=error|ignore --repeat=until-fail:{num}|until-pass:{num}|after-timeout:{num} --output-junit={report} --repeat-until-fail={num}",
    ], "")]),
    runner("ninja samu", &["-C=build|build-*|builddir|out|out/**|build/** -j={num} -k={num} -v -n --quiet -l={num}"], &[row(SCRIPTS, &[], SCRIPTS), row("", &[], "")]),
    runner("meson", &[], &[
        row("test", &["-C=build|build-*|builddir|out --suite={word} --no-suite={word} -v --verbose -q --quiet --no-rebuild --print-errorlogs --num-processes,-j={num} -t,--timeout-multiplier={num} --repeat={num} --list --maxfail={num} --benchmark --logbase={word}"], "{word}"),
        row("compile", &["-C=build|build-*|builddir|out -j={num} -v --verbose --clean"], "{word}"),
    ]),
    runner("bazel bazelisk", &[], &[
        row("test|build|coverage", BAZEL, "{label}").rest(Rest::Positionals),
    ])
    .wrapped("bazelw tools/bazel"),
    runner("buck2 buck", &[], &[row("test|build", &["-v,--verbose={num} --keep-going -j,--num-threads={num} --include={words} --exclude={words}"], "{label}")]),
    runner("pants", &["--no-pantsd --changed-since={ref} --changed-dependents=transitive|direct|none -ldebug -linfo -lwarn"], &[row("test|lint|check", &["--force --output=all|failed|none"], "test|lint|check|::|**::|**:|**/**|**.py")]).wrapped("pants"),
    runner("please plz", &[], &[row("test|build|cover", &["-p --plain_output -k --keep_going --rerun --num_runs={num} -v={num} --show_all_output"], "{label}")]).wrapped("pleasew"),
    runner("zig", &[], &[
        row("build {script}", ZIG, "{script}"),
        row("build", ZIG, ""),
        row("test", &["--test-filter={text} -O=Debug|ReleaseSafe|ReleaseFast|ReleaseSmall -lc -freference-trace -fsanitize-c -fno-sanitize-c --color=auto|on|off"], "**.zig"),
        row("fmt --check", &[], "{path}"),
        row("ast-check", &[], "**.zig"),
    ]),
    runner("swift", &[], &[row("test|build", SWIFT, ""), row("format lint", &["-r --recursive -p --parallel -s --strict"], "{path}")]),
    runner("swiftlint", &[], &[row("lint", SWIFTLINT, "{path}"), row("", SWIFTLINT, "{file}")]),
    runner("swiftformat", &[], &[row("--lint", &["--quiet --strict --swiftversion={num}"], "{path}"), row("", &["--lint --quiet"], "{file}")]),
    runner("xcodebuild", &[
        "-scheme={text} -project={project} -workspace={project} -destination={text} -configuration=Debug|Release -sdk=iphonesimulator|macosx|appletvsimulator|watchsimulator -quiet -verbose -enableCodeCoverage=YES|NO -testPlan={word} -only-testing={text} -skip-testing={text} -parallel-testing-enabled=YES|NO -disableAutomaticPackageResolution",
    ], &[row("test|build|clean|build-for-testing|test-without-building|analyze", &[], "test|build|clean|build-for-testing|test-without-building|analyze|CODE_SIGNING_ALLOWED=NO|CODE_SIGNING_REQUIRED=NO")]),
];

const BUILD: &[&str] = &[
    "--target,-t={script}|clean|all --config=Debug|Release|RelWithDebInfo|MinSizeRel -j,--parallel[={num}] --clean-first -v --verbose",
];

const CONFIGURE: &[&str] = &[
    "-S=. -G=Ninja -DCMAKE_BUILD_TYPE=Debug|Release|RelWithDebInfo|MinSizeRel -DBUILD_TESTING=ON|OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -Wdev -Wno-dev",
];

const ZIG: &[&str] = &[
    "--summary=all|failures|none|new -Doptimize=Debug|ReleaseSafe|ReleaseFast|ReleaseSmall -Drelease -freference-trace --verbose -j={num} --color=auto|on|off --release[=safe|fast|small]",
];

const SWIFTLINT: &[&str] = &[
    "--strict --quiet --fix --no-cache --reporter=xcode|json|csv|checkstyle|junit|html|emoji|github-actions-logging|sarif --config=.swiftlint.yml|.swiftlint.yaml",
];
