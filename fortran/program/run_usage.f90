! What `run_shallow_water --help` prints: every group and key of the namelist file, with units and defaults.
module run_usage
  implicit none
  private
  public :: print_usage

contains

  subroutine print_usage(unit)
    integer, intent(in) :: unit
    integer :: k
    character(len=*), parameter :: text(*) = [character(len=120) :: &
      'usage: run_shallow_water SETTINGS.nml', &
      '', &
      'Runs the semi-implicit shallow-water model of Seiche and writes its states as NetCDF (CF-1.11). SETTINGS.nml is a', &
      'Fortran namelist file. Keys may be left out where a default is named. Units are SI; times count in s since', &
      '2000-01-01 00:00:00. Cells and records count from 1 here, in files of open boundaries from 0.', &
      '', &
      '&grid', &
      '  file           NetCDF file (needed): a bathymetry, elevation(lat, lon) in m, negative under water, on even axes in', &
      '                 degrees; or a trajectory of Seiche, whose depth, coordinates and periodic edges are taken', &
      '  minimum_depth  m: shallower wet cells of a bathymetry are deepened to this. 10', &
      '/', &
      '&initial         state 0; not looked at when a run continues', &
      "  kind           'rest', 'constant', 'bump' or 'file'. 'rest'", &
      '  elevation      m: of a constant surface, or of the bump. 0.1', &
      '  bump_i, bump_j middle cell of the square bump. The middle of the grid', &
      '  bump_width     cells. 5', &
      "  file           with kind = 'file': a trajectory or restart file on the same grid", &
      '  record         which of its states; 0 is the last. 1', &
      '/', &
      '&model', &
      '  dt             time step, s (needed)', &
      '  gravity        m/s2. 9.81', &
      '  wimp           implicitness, 0.5 (keeps energy) .. 1 (damps). 0.5', &
      '  cd             quadratic bottom drag, per component. 1.0e-3', &
      '  ah             lateral friction, m2/s; explicit, so keep dt*ah below dx**2/4. 1000', &
      '  linear_drag    linear bottom friction, 1/s. 0', &
      '  linear         depth on faces without the elevation, which makes waves linear. .false.', &
      '  coriolis       Coriolis parameter f in the middle of the grid, 1/s. 0', &
      '  beta           its change along y, 1/(m s). 0', &
      '  periodic_x     the eastern edge meets the western one. .false., or what the grid file says', &
      '  periodic_y     the northern edge meets the southern one. .false., or what the grid file says', &
      '  density        of the water, for the wind, kg/m3. 1025', &
      '  tolerance      of the elevation solve, relative. 1.0e-12', &
      '  max_iterations of one elevation solve. 10000', &
      '/', &
      '&run', &
      '  steps          number of the last state, counted from state 0, also when a run continues (needed)', &
      "  start_time     of state 0, s. 0, or the time of the record with kind = 'file'", &
      '/', &
      '&wind            none without this group', &
      '  tau_x, tau_y   stress on the water along x and y, N/m2, always and everywhere the same. 0', &
      '  file           instead: NetCDF with time(time) in "<seconds|minutes|hours|days> since YYYY-MM-DD[ hh:mm:ss]", and', &
      '                 tau_x, tau_y in N/m2, (time) for the whole grid or (time, y, x) at cell centres. Linear between', &
      '                 times, constant before the first and after the last', &
      '/', &
      '&open_boundary   none without this group', &
      "  edges          'west', 'east', 'south', 'north': all wet cells along them get the same tide", &
      "  constituent    names: 'M2', 'S2', 'N2', 'K1', 'O1', or any other with a frequency; up to 20", &
      '  frequency      rad/s, for constituents without such a name', &
      '  amplitude      m, one for each constituent', &
      '  phase          rad: elevation = amplitude*cos(frequency*time - phase). 0', &
      '  file           instead: NetCDF with the cells boundary_x(boundary), boundary_y(boundary), counted from 0, and', &
      '                 time(time) with zeta(time, boundary) in m, or frequency(constituent) in rad/s with', &
      '                 amplitude(constituent, boundary) in m and phase(constituent, boundary) in rad, or both', &
      '/', &
      '&output', &
      '  file           NetCDF file to write (needed); it appears when it is complete', &
      '  every          steps between two states in it. 1', &
      "  precision      'float' or 'double'. 'float'", &
      '  deflate        compression, 0 .. 9. 1', &
      '/', &
      '&restart', &
      '  file           restart file to write at the end of the run, from which it can go on exactly. None', &
      '  every          steps between two restart files, each replacing the one before; 0: at the end only. 0', &
      '                 Then each goes with a trajectory file of its own, which has the number of its first step in its name', &
      '  from           restart file to continue from; grid and &model must be those that it was made with', &
      '/']

    do k = 1, size(text)
      write (unit, '(a)') trim(text(k))
    end do
  end subroutine print_usage

end module run_usage
