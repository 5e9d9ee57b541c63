#!/usr/bin/env bash
# Tests of the program run_shallow_water: run_program_tests.sh BUILD_FOLDER
set -uo pipefail
build=$(cd "$1" && pwd)
bathymetry=$(cd "$(dirname "$0")/../../data/bathymetry" && pwd)/north_sea_etopo5.nc
program=$build/run_shallow_water
tool=$build/program_test_tool
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0
failed=0

# check NAME COMMAND ...: the command must succeed.
check() {
  local name=$1
  shift
  if "$@" > said 2>&1; then
    passed=$((passed + 1))
    echo "ok   $name"
  else
    failed=$((failed + 1))
    echo "FAIL $name: $*"
    sed 's/^/     /' said
  fi
}

# settings NAME STEPS OUTPUT [RESTART KEYS]: all options at once, on the channel.
all_options() {
  cat > "$1" << END
&grid
  file = 'channel.nc'
/
&initial
  kind = 'file', file = 'channel.nc'
/
&model
  dt = 300.0, gravity = 9.8, wimp = 0.6, cd = 2.0e-3, ah = 500.0, linear_drag = 1.0e-5, coriolis = 1.2e-4, beta = 1.5e-11
  density = 1027.0, tolerance = 1.0e-11, max_iterations = 5000
/
&run
  steps = $2, start_time = 600.0
/
&wind
  file = 'wind.nc'
/
&open_boundary
  file = 'boundary.nc'
/
&output
  file = '$3', precision = 'double', every = ${every:-1}
/
&restart
  ${4:-}
/
END
}

for input in channel bay deeper wind series boundary wind_weeks wind_back wind_gap boundary_dry boundary_outside; do $tool $input $input.nc; done

check "units of time" $tool calendar

# The same run in one piece, by the library alone, in halves, and with a restart every few steps.
all_options whole.nml 24 whole.nc "file = 'whole_end.nc'"
check "a run with all options" $program whole.nml
check "its states are the library's, bit for bit" $tool library all whole.nc 24 1
all_options first.nml 11 first.nc "file = 'half.nc'"
all_options second.nml 24 second.nc "from = 'half.nc', file = 'half_end.nc'"
check "first half" $program first.nml
check "second half" $program second.nml
check "the first half has the whole's states" $tool same whole.nc 1 first.nc 1 12
check "the second half has the others" $tool same whole.nc 13 second.nc 1 13
check "both end with the same restart file, byte for byte" cmp whole_end.nc half_end.nc
cp whole.nc before.nc
check "a second run" $program whole.nml
check "gives the same bytes" cmp whole.nc before.nc

every=2
all_options sparse.nml 24 sparse.nc
check "every second state" $program sparse.nml
check "is every second of the library's" $tool library all sparse.nc 24 2
all_options parts.nml 13 part.nc "file = 'parts.nc', every = 5"
check "a run with a restart file every 5 steps" $program parts.nml
cp parts.nc at_13.nc
all_options parts.nml 24 part.nc "file = 'parts.nc', every = 5, from = 'at_13.nc'"
check "goes on from one that lies between two states" $program parts.nml
n=1
for part in "0 3" "6 3" "12 1" "14 1" "16 3" "22 2"; do
  read -r step count <<< "$part"
  check "the part from step $step" $tool same "part_$(printf '%010d' "$step").nc" 1 sparse.nc $n "$count"
  n=$((n + count))
done
check "there are no other parts" test "$(ls part_*.nc | wc -l)" -eq 6
check "the end is the whole's" cmp parts.nc whole_end.nc

# Killed at any moment, a run with restart files goes on with nothing lost.
every=100
all_options killed.nml 2000000000 killed.nc "file = 'killed_end.nc', every = 1000"
$program killed.nml > /dev/null 2>&1 &
victim=$!
while [ ! -e killed_end.nc ] && kill -0 $victim 2> /dev/null; do sleep 0.01; done
check "a long run is at work and has a restart file" kill -KILL $victim
{ wait $victim; } 2> /dev/null
rm -f .killed*.partial
last=$(printf '%s\n' killed_0*.nc | tail -1 | tr -dc 0-9)
end=$(((10#$last / 1000 + 2) * 1000))
all_options resumed.nml $end killed.nc "file = 'killed_end.nc', every = 1000, from = 'killed_end.nc'"
all_options long.nml $end long.nc "file = 'long_end.nc'"
check "killed, it goes on" $program resumed.nml
check "it could have run in one piece" $program long.nml
check "to the same end" cmp long_end.nc killed_end.nc
check "the first part is the whole's" $tool same killed_0000000000.nc 1 long.nc 1 11
for ((step = 1100; step < end; step += 1000)); do
  check "the part from step $step too" $tool same "killed_$(printf '%010d' $step).nc" 1 long.nc $((step / 100 + 1)) 10
done
check "no part is missing" test "$(printf '%s\n' killed_0*.nc | wc -l)" -eq $((end / 1000))

cat > edges.nml << 'END'
&grid  file = 'bay.nc' /
&initial kind = 'file', file = 'bay.nc', record = 0 /
&model dt = 300, linear = .true. /
&run   steps = 6 /
&wind  tau_x = 0.1, tau_y = -0.05 /
&open_boundary  edges = 'west', constituent(1) = 'M2', frequency(2) = 2.0e-4, amplitude = 0.5, 0.25, phase(1) = 1.5 /
&output file = 'edges.nc', precision = 'double', deflate = 0 /
END
check "constant wind and a tide along an edge" $program edges.nml
check "are what the library makes of them, bit for bit" $tool library edges edges.nc 6 1
sed "s/tau_x = 0.1, tau_y = -0.05/file = 'series.nc'/; s/precision = 'double'/precision = 'float'/; s/edges.nc/series_run.nc/" edges.nml > series.nml
check "wind for the whole grid from a file, states in single precision" $program series.nml
# A breaking change would pass the tests above if input were ignored.
check "differ from constant wind" bash -c "! $tool same edges.nc 1 series_run.nc 1 7"
sed "s/kind = 'file', file = 'bay.nc', record = 0/kind = 'bump', bump_i = 14, bump_j = 12/; s/edges.nc/bump_run.nc/" edges.nml > bump.nml
check "a bump from the settings" $program bump.nml
check "is the one of the file" $tool same edges.nc 1 bump_run.nc 1 7
cat > rest.nml << 'END'
&grid    file = 'channel.nc' /
&initial kind = 'constant', elevation = 0.25 /
&model   dt = 900.0 /
&run     steps = 4 /
&output  file = 'rest.nc', every = 2 /
END
check "a raised, level surface" $program rest.nml
check "stays" bash -c "sed 's/steps = 4/steps = 0/; s/rest.nc/raised.nc/' rest.nml > raised.nml && $program raised.nml && $tool state raised.nc rest.nc"
check "no temporary is left" test -z "$(find . -name '.*partial')"

# Sums of all files but those of a refusal itself.
sums() { find . -type f ! -name bad.nml ! -name said ! -name message -print0 | sort -z | xargs -0 sha256sum; }

# refused WORDS: one message with these words, exit code 1, and no file made or changed.
refused() {
  local before code
  before=$(sums)
  $program bad.nml > /dev/null 2> message
  code=$?
  cat message
  [ $code -eq 1 ] && grep -qF -- "$1" message && [ "$(head -c 19 message)" = "run_shallow_water: " ] && [ "$(wc -l < message)" -le 3 ] \
    && [ "$before" = "$(sums)" ]
}

# refuse NAME WORDS SED_SCRIPT [NAMELIST]: the namelist, changed by sed.
refuse() {
  sed "$3" "${4:-whole.nml}" > bad.nml
  check "refuses $1" refused "$2"
}

mkdir folder
echo "no NetCDF" > text.nc
head -c 3000 whole.nc > cut.nc
refuse "an unknown group" "a group &modle" 's/&model/\&modle/'
refuse "a group that comes twice" "the group &run twice" 's/^&wind/\&run\n\/\n\&wind/'
refuse "a group without an end" "the group &grid in" "0,/^\/$/ s/^\/$//"
refuse "text outside groups" "text outside its groups" 's/^&wind/wind\n\&wind/'
refuse "an unknown key" "Cannot match namelist object name wimpp" 's/wimp/wimpp/'
refuse "a text where a number belongs" "the group &run" 's/steps = 24/steps = "many"/'
refuse "half a step" "the group &run" 's/steps = 24/steps = 2.5/'
refuse "no steps" "steps" 's/steps = 24, //'
refuse "no time step" "give dt" 's/dt = 300.0, //'
refuse "no grid" "names no grid" "0,/file = 'channel.nc'/ s/file = 'channel.nc'//"
refuse "no output" "names no output" "s/file = 'whole.nc'.*//"
refuse "a grid file that is not there" "cannot read 'nothing.nc' (&grid file): No such file" "0,/channel.nc/ s/channel.nc/nothing.nc/"
refuse "a text as grid" "cannot read 'text.nc'" "0,/channel.nc/ s/channel.nc/text.nc/"
refuse "half a file as grid" "cannot read 'cut.nc'" "0,/channel.nc/ s/channel.nc/cut.nc/"
refuse "wind as grid" "'wind.nc' holds neither elevation nor depth" "0,/channel.nc/ s/channel.nc/wind.nc/"
refuse "an unknown kind of state" "&initial kind is 'fil'" "s/kind = 'file'/kind = 'fil'/"
refuse "a record that is not there" "record 14 is asked" "s/kind = 'file', file = 'channel.nc'/kind = 'file', file = 'sparse.nc', record = 14/"
refuse "a state on another grid" "'bay.nc' has another periodic_x" "s/kind = 'file', file = 'channel.nc'/kind = 'file', file = 'bay.nc'/"
refuse "a bump on land" "lies on land" "s/kind = 'file', file = 'channel.nc'/kind = 'bump', bump_i = 9, bump_j = 7, bump_width = 1/"
refuse "too little implicitness" "implicitness lies outside" 's/wimp = 0.6/wimp = 0.4/'
refuse "too fast a rotation" "wimp*dt*f" 's/coriolis = 1.2e-4/coriolis = 1.0/'
refuse "NaN" "density" 's/density = 1027.0/density = NaN/'
refuse "a solve that does not converge" "ran out of iterations" 's/max_iterations = 5000/max_iterations = 1/'
refuse "wind as boundary" "'wind.nc' has no variable 'boundary_x'" "s/boundary.nc/wind.nc/"
refuse "a boundary as wind" "'boundary.nc' has no variable 'tau_x'" "s/wind.nc/boundary.nc/"
refuse "an edge on land" "the northern edge is to be open but has no wet cell" "s/'west'/'north'/" edges.nml
refuse "an unknown edge" "edges names 'left'" "s/'west'/'left'/" edges.nml
refuse "an unknown constituent" "names the constituent 'M22'" "s/'M2'/'M22'/" edges.nml
refuse "a constituent without amplitude" "constituent 2 of the open boundary has no amplitude" "s/, 0.25//" edges.nml
refuse "a tide without edges" "has a tide but no edges" "s/edges = 'west', //" edges.nml
refuse "a file and a constant wind" "a file and a constant stress" "s/tau_x = 0.1/file = 'wind.nc', tau_x = 0.1/" edges.nml
refuse "an output folder that is not there" "cannot write 'nowhere/whole.nc'" "s/'whole.nc'/'nowhere\/whole.nc'/"
refuse "a folder as output" "cannot write 'folder': it is a folder" "s/'whole.nc'/'folder'/"
refuse "a restart folder that is not there" "cannot write 'nowhere/end.nc'" "s/'whole_end.nc'/'nowhere\/end.nc'/"
refuse "output over its own input" "which the run uses itself" "s/'whole.nc'/'wind.nc'/"
refuse "restart over output" "which the run uses itself" "s/'whole_end.nc'/'whole.nc'/"
refuse "another precision" "&output precision is 'half'" "s/'double'/'half'/"
refuse "a restart with another parameter" "was made with cd = 0.2" "s/cd = 2.0e-3/cd = 2.1e-3/; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart with another step" "was made with dt = 300" "s/dt = 300/dt = 301/; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart without an option" "was made with coriolis = 0.12" "s/, coriolis = 1.2e-4//; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart with another start" "was made with start_time = 600" "s/start_time = 600/start_time = 0/; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart on another grid" "has 24 x 20 cells, the grid of this run 217 x 145" \
  "s|^  file = 'channel.nc'\$|file = '$bathymetry'|; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart with another depth" "m at cell (20, 15), the grid of this run" "s/^  file = 'channel.nc'\$/file = 'deeper.nc'/; s/'second.nc'/'new.nc'/" second.nml
refuse "a shallow minimum depth" "the minimum depth is 0.1" "s|^  file = 'channel.nc'\$|file = '$bathymetry', minimum_depth = 0.1|"
refuse "wind on another grid" "'tau_x' in 'wind.nc' has 24 x 20 points, the grid 217 x 145 cells" \
  "s|^  file = 'channel.nc'\$|file = '$bathymetry'|; s/kind = 'file', file = 'channel.nc'//"
refuse "times in weeks" "the units of time in 'wind_weeks.nc' are 'weeks since" "s/wind.nc/wind_weeks.nc/"
refuse "times that go back" "time 2 in 'wind_back.nc' is not later" "s/wind.nc/wind_back.nc/"
refuse "a gap in the wind" "'tau_y' in 'wind_gap.nc' is missing" "s/wind.nc/wind_gap.nc/"
refuse "a dry open boundary" "at cell (1, 20), counted from 1" "s/boundary.nc/boundary_dry.nc/"
refuse "an open boundary outside the grid" "cell 24 of the open boundary in 'boundary_outside.nc' is (24" "s/boundary.nc/boundary_outside.nc/"
refuse "a trajectory as restart" "the global attribute 'step' of 'first.nc'" "s/'half.nc'/'first.nc'/; s/'second.nc'/'new.nc'/" second.nml
refuse "a restart at the end" "is at step 24, the run ends at step 24" "s/'half.nc'/'whole_end.nc'/; s/'second.nc'/'new.nc'/" second.nml
refuse "the first half's file for the second" "is there already" "s/'second.nc'/'first.nc'/" second.nml
printf '' > bad.nml
check "refuses an empty file" refused "names no grid"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
