#!/usr/bin/env bash
# Checks experiment files, holds them against their objectives, and compares them with those of a base commit. For any CI
# system: everything comes from the environment, and the results are files.
#
#   MRSIM_FILES          files and patterns, separated by spaces
#   MRSIM_BASE           the commit to compare with; nothing compares nothing
#   MRSIM_TRIALS         trials; each file's own number without it
#   MRSIM_FAIL_IF_WORSE  figures that must not be worse, such as "rto.p99 rpo.p99"
#   MRSIM_STRICT         true: an objective that is undecided fails
#   MRSIM_OUT            the folder for mrsim.sarif, mrsim-junit.xml, comment.md and the results with their reports
#
# The exit code is the gravest of those of the commands: 3 if an objective is missed or a figure is worse.
set -uo pipefail

out=${MRSIM_OUT:?names the folder of the results}
mkdir -p "$out"
# Patterns are opened here, where the files are.
# shellcheck disable=SC2206
files=(${MRSIM_FILES:?names the experiment files})
trials=(${MRSIM_TRIALS:+--trials "$MRSIM_TRIALS"})
strict=()
if [ "${MRSIM_STRICT:-false}" = true ]; then strict=(--strict); fi
worse=()
for figure in ${MRSIM_FAIL_IF_WORSE:-}; do worse+=(--fail-if-worse "$figure"); done

# A file of a stranger reads no other files than those of the repository.
confined=(--confined .)

status=0
# 2 is a wrong file and graver than 3; whatever is neither means that something could not run, which is 1.
gravest() {
    case "$1" in
        0) ;;
        3) if [ "$status" -eq 0 ]; then status=3; fi ;;
        2) if [ "$status" -ne 1 ]; then status=2; fi ;;
        *) status=1 ;;
    esac
}

mrsim check "${files[@]}" "${confined[@]}" --format sarif >"$out/mrsim.sarif"
gravest $?
: >"$out/comment.md"
if [ "$status" -eq 0 ]; then
    mrsim run "${files[@]}" "${confined[@]}" ${trials[@]+"${trials[@]}"} ${strict[@]+"${strict[@]}"} --quiet --format junit \
        --out "$out/results" --force >"$out/mrsim-junit.xml"
    gravest $?
    # Of several files each has a folder.
    for report in "$out"/results/report.md "$out"/results/*/report.md; do
        if [ -f "$report" ]; then
            cat "$report"
            echo
        fi
    done >>"$out/comment.md"
fi

if [ "$status" -ne 1 ] && [ "$status" -ne 2 ] && [ -n "${MRSIM_BASE:-}" ]; then
    # Within the repository, so that --confined lets it be read.
    base=.mrsim-base
    if ! git worktree add --force --detach --quiet "$base" "$MRSIM_BASE"; then
        echo "mrsim: there is no commit $MRSIM_BASE to compare with; is it fetched?" >&2
        gravest 1
    else
        for file in "${files[@]}"; do
            # A file that is new, or as it was, has nothing to be compared with.
            if [ ! -f "$base/$file" ] || cmp -s "$base/$file" "$file"; then continue; fi
            mrsim compare "$base/$file" "$file" "${confined[@]}" ${trials[@]+"${trials[@]}"} ${worse[@]+"${worse[@]}"} \
                --quiet --markdown >>"$out/comment.md"
            gravest $?
            echo >>"$out/comment.md"
        done
        git worktree remove --force "$base"
    fi
fi

if [ -n "${GITHUB_OUTPUT:-}" ]; then
    {
        echo "sarif=$out/mrsim.sarif"
        echo "junit=$out/mrsim-junit.xml"
        echo "comment=$out/comment.md"
    } >>"$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$out/comment.md" >>"$GITHUB_STEP_SUMMARY"; fi
exit "$status"
