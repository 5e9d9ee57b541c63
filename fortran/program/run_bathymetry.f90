! A grid on a real sea floor, from a file with elevation(lat, lon) in m, negative under water, on evenly spaced axes in
! degrees that increase: ETOPO5 and GEBCO cut-outs are like this. One cell per point.
!
! Only the largest sea whose cells touch side to side stays wet; other waters become dry (depth 0). A wet cell is at least
! minimum_depth deep, since the model has no drying. dx and dy are constant: those of the middle latitude on a sphere.
! The Swift package makes its grids in the same way, bit for bit (Sources/Trajectories/Bathymetry.swift).
module run_bathymetry
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_wet_threshold
  use run_files
  use run_netcdf
  use run_grid
  implicit none
  private
  public :: grid_from_bathymetry

contains

  function grid_from_bathymetry(file, minimum_depth, periodic_x, periodic_y) result(grid)
    type(nc_file), intent(in) :: file
    real(dp), intent(in) :: minimum_depth           ! m
    logical, intent(in)  :: periodic_x, periodic_y  ! seas may reach across these edges
    type(run_grid_type) :: grid
    real(dp), allocatable :: elevation(:,:)
    real(dp) :: middle

    if (.not. (minimum_depth > sw_wet_threshold .and. minimum_depth <= huge(minimum_depth))) &
      call fail('the minimum depth is '//number_text(minimum_depth)//' m', 'a wet cell must be deeper than '// &
                number_text(sw_wet_threshold)//' m', 'give minimum_depth in &grid: some metres, more than the waves are high')
    grid%geographic = .true.
    grid%periodic_x = periodic_x
    grid%periodic_y = periodic_y
    call read_axis(file, 'lon', grid%x)
    call read_axis(file, 'lat', grid%y)
    call read_values(file, 'elevation', elevation)
    grid%nx = size(grid%x)
    grid%ny = size(grid%y)
    if (any(shape(elevation) /= [grid%nx, grid%ny])) call fail("'elevation' in '"//file%path//"' is not on its axes: it has "// &
      number_text(size(elevation, 1))//' x '//number_text(size(elevation, 2))//' points, lon and lat '// &
      number_text(grid%nx)//' x '//number_text(grid%ny), remedy='give elevation(lat, lon)')
    if (.not. any(elevation < 0)) call fail("no point of 'elevation' in '"//file%path//"' lies under water", &
      'heights must be negative under water', 'change the sign if the file gives depths')
    allocate (grid%depth(grid%nx,grid%ny), source=0.0_dp)
    where (largest_region(elevation < 0, periodic_x, periodic_y)) grid%depth = max(-elevation, minimum_depth)
    middle = (grid%y(1) + grid%y(grid%ny))/2
    grid%dx = degree_of_longitude(middle)*mean_spacing(grid%x)
    grid%dy = degree_of_latitude()*mean_spacing(grid%y)
  end function grid_from_bathymetry

  ! An axis that must increase in even steps, to a thousandth of a step: files round.
  subroutine read_axis(file, name, axis)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    real(dp), allocatable, intent(out) :: axis(:)
    real(dp) :: step
    integer  :: k

    call read_values(file, name, axis)
    if (size(axis) < 2) call fail("the axis '"//name//"' in '"//file%path//"' has one point", remedy='cut out a larger area')
    step = mean_spacing(axis)
    if (step > 0 .and. all(abs(axis - axis(1) - [(k, k=0, size(axis) - 1)]*step) <= 1.0e-3_dp*step)) return
    call fail("the axis '"//name//"' in '"//file%path//"' does not increase in even steps", 'it runs from '// &
              number_text(axis(1))//' to '//number_text(axis(size(axis)))//', '//number_text(step)//' a step in the mean', &
              'turn or interpolate it first, for example with cdo remapbil')
  end subroutine read_axis

  ! The largest region of cells that touch side to side; of two equal ones the first, rows from the south, from west to east.
  function largest_region(member, periodic_x, periodic_y) result(largest)
    logical, intent(in)  :: member(:,:), periodic_x, periodic_y
    logical :: largest(size(member, 1),size(member, 2))
    integer, allocatable :: label(:,:), queue(:,:)
    integer :: nx, ny, i, j, k, regions, first, last, most, best, to(2)
    integer, parameter :: around(2,4) = reshape([-1, 0, 1, 0, 0, -1, 0, 1], [2, 4])

    nx = size(member, 1)
    ny = size(member, 2)
    allocate (label(nx,ny), source=0)
    allocate (queue(2,nx*ny))
    regions = 0
    most = 0
    best = 0
    do j = 1, ny
      do i = 1, nx
        if (.not. member(i,j) .or. label(i,j) > 0) cycle
        regions = regions + 1
        label(i,j) = regions
        queue(:,1) = [i, j]
        first = 1
        last = 1
        do while (first <= last)
          do k = 1, 4
            to = queue(:,first) + around(:,k)
            if (periodic_x) to(1) = modulo(to(1) - 1, nx) + 1
            if (periodic_y) to(2) = modulo(to(2) - 1, ny) + 1
            if (any(to < 1) .or. to(1) > nx .or. to(2) > ny) cycle
            if (.not. member(to(1),to(2)) .or. label(to(1),to(2)) > 0) cycle
            label(to(1),to(2)) = regions
            last = last + 1
            queue(:,last) = to
          end do
          first = first + 1
        end do
        if (last > most) then
          most = last
          best = regions
        end if
      end do
    end do
    largest = label == best .and. member
  end function largest_region

end module run_bathymetry
